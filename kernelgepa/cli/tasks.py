"""kernelgepa tasks list | show | check."""

from __future__ import annotations

import click


@click.group()
def tasks() -> None:
    """List, show and check tasks."""


@tasks.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_(as_json: bool) -> int:
    """The bundled tasks."""
    import json  # noqa: PLC0415

    from rich.table import Table  # noqa: PLC0415

    from kernelgepa.cli import show  # noqa: PLC0415
    from kernelgepa.tasks import list_tasks  # noqa: PLC0415

    found = list_tasks()
    if as_json:
        rows = [
            {
                "name": t.name,
                "category": t.category,
                "dtype": t.dtype,
                "shapes": t.shapes,
                "workloads": list(t.workloads),
                "summary": t.summary,
            }
            for t in found
        ]
        print(json.dumps(rows, indent=1))
        return 0
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("name", "category", "dtype", "workloads", "summary"):
        table.add_column(name, no_wrap=name == "name")
    for t in found:
        table.add_row(t.name, t.category, t.dtype, str(len(t.workloads)), t.summary)
    show.console().print(table)
    return 0


@tasks.command("show")
@click.argument("task")
def show_(task: str) -> int:
    """Interface, workloads and start of TASK."""
    from kernelgepa.cli import show  # noqa: PLC0415
    from kernelgepa.tasks import load  # noqa: PLC0415

    found = load(task)
    out = show.console()
    out.print(f"[bold]{found.name}[/bold] on {found.target}, shapes {found.shapes}")
    if found.description:
        out.print(found.description, markup=False, soft_wrap=True)
    for p in found.interface.parameters:
        out.print(f"  {p.role:6} {p.name}: {p.dtype}", markup=False)
    for w in found.workloads:
        shapes = ", ".join(f"{n} {list(s)}" for n, s in w.shapes.items())
        scalars = ", ".join(f"{n} = {v}" for n, v in w.scalars.items())
        uses = ", ".join(sorted(w.uses))
        out.print(
            f"  workload {w.name} ({uses}): {shapes}{'; ' + scalars if scalars else ''}; "
            f"atol {w.tolerance.atol:g}, rtol {w.tolerance.rtol:g} for floats, integers exact",
            markup=False,
            soft_wrap=True,
        )
    for start, source in found.seeds.items():
        out.print(f"\n--- {start}", markup=False)
        out.print(source.strip(), markup=False, soft_wrap=True)
    return 0


@tasks.command("check")
@click.argument("task")
def check_(task: str) -> int:
    """Find out what is wrong with TASK; runs its start kernel. Exit code 1 where something is."""
    from kernelgepa.npu.target import NpuSim  # noqa: PLC0415
    from kernelgepa.tasks import check  # noqa: PLC0415

    with NpuSim() as target:
        problems = check(task, target)
    for problem in problems:
        click.echo(problem)
    if not problems:
        click.echo(f"{task}: fine")
    return 1 if problems else 0
