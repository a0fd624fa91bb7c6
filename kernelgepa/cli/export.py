"""kernelgepa export and kernelgepa verify."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kernelgepa.cli import options

if TYPE_CHECKING:
    from kernelgepa.sandbox import Choice
    from kernelgepa.verification import Verification


@click.command()
@click.argument("run", type=options.PATH)
@click.option("--out", type=options.PATH, required=True, help="A new directory.")
@click.option("--task", default="", help="Which task, where the run has several.")
def export(run: Path, out: Path, task: str) -> int:
    """Write the best kernel of RUN, its diff against the seed and a record to OUT."""
    from kernelgepa.cli.show import program  # noqa: PLC0415
    from kernelgepa.runs.export import export as write  # noqa: PLC0415
    from kernelgepa.runs.view import view  # noqa: PLC0415

    found = view(run)
    write(found, task, out)
    click.echo(f"{out}: {', '.join(sorted(p.name for p in out.iterdir()))}")
    spec = next(t.spec for t in found.start.tasks if t.name == found.task(task).name)
    if spec:
        click.echo(f"judge it again: {program()} verify {shlex.quote(str(out))}")
    return 0


@click.command()
@click.argument("directory", type=options.PATH)
@options.secret_file
@options.sandbox
@options.device
@options.json_answer
def verify(
    directory: Path, secret_file: Path | None, choice: Choice, device: str, as_json: bool
) -> int:
    """Judge the export in DIRECTORY again, on this machine and on fresh inputs.

    Exit code 0 where it is correct and no slower than recorded, 1 where it is not.
    """
    import json  # noqa: PLC0415

    from kernelgepa.runs.export import read_export  # noqa: PLC0415
    from kernelgepa.verification import verify as judged_again  # noqa: PLC0415

    read_export(directory)  # what is no export is said before a sandbox starts
    with options.opened(choice) as sandbox:
        found = judged_again(directory, secret_file, sandbox, device)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1, sort_keys=True))
    else:
        _print(found)
    return 0 if found.good else 1


def _print(found: Verification) -> None:
    from kernelgepa.cli.screen import Screen  # noqa: PLC0415

    out = Screen()
    rows: list[tuple[Any, ...]] = []
    for name, now in found.now.items():
        then = found.then.get(name)
        rows.append((name, _number(then), _number(now), _ratio(then, now)))
    if rows:
        unit = next(w.cost.unit for w in found.verdict.workloads if w.cost)
        out.table(("workload", f">recorded ({unit})", ">now", ">recorded / now"), rows)
    for name, (old, new) in found.versions.items():
        out.line(f"{name}: {old} when exported, {new} here")
    word = "correct on fresh inputs" if found.verdict.correct else "NOT correct on fresh inputs"
    here = f"{found.speedup:.2f}x against the seed ({found.tag})" if found.now else "not timed"
    before = f"{found.recorded:.2f}x recorded" if found.then else "no time recorded"
    out.line(f"{found.verdict.task}: {word}; {here}, {before}")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _ratio(then: float | None, now: float | None) -> str:
    return f"{then / now:.3f}" if then and now else "-"
