"""kernelgepa tasks list | show | new | check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kernelgepa.cli import options

if TYPE_CHECKING:
    from kernelgepa.sandbox import Choice
    from kernelgepa.task import Task, Workload


@click.group(invoke_without_command=True)
@click.pass_context
def tasks(context: click.Context) -> None:
    """List, show, make and check tasks.

    \b
    kernelgepa tasks list
    kernelgepa tasks show relu_i8
    kernelgepa tasks new mine --from file.py:function --inputs "float32[1024],float32[1024]"
    kernelgepa tasks check mine
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@tasks.command("list")
@options.json_answer
def list_(as_json: bool) -> int:
    """The bundled tasks."""
    import json  # noqa: PLC0415

    from kernelgepa.cli.screen import Screen  # noqa: PLC0415
    from kernelgepa.tasks import list_tasks  # noqa: PLC0415

    found = list_tasks()
    if as_json:
        rows = [
            {
                "name": t.name,
                "target": t.target,
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
    out = Screen()
    for number, target in enumerate(sorted({t.target for t in found})):
        out.line("\n" * (number > 0) + out.bold(f"target {target}"))
        out.table(
            ("name", "category", "dtype", ">workloads", "summary"),
            [
                (t.name, t.category, t.dtype, str(len(t.workloads)), t.summary)
                for t in found
                if t.target == target
            ],
        )
    return 0


@tasks.command("show")
@click.argument("task")
@options.json_answer
def show_(task: str, as_json: bool) -> int:
    """Interface, workloads and start of TASK."""
    import json  # noqa: PLC0415

    from kernelgepa.cli.screen import Screen  # noqa: PLC0415
    from kernelgepa.task import ModuleReference  # noqa: PLC0415
    from kernelgepa.tasks import load  # noqa: PLC0415

    found = load(task)
    if as_json:
        print(json.dumps(_plain(found), indent=1))
        return 0
    out = Screen()
    out.line(f"{out.bold(found.name)} on {found.target}, shapes {found.shapes}")
    if found.description:
        out.line(found.description)
    module = isinstance(found.reference, ModuleReference)
    if not module:
        out.table(
            ("role", "dtype", "parameter"),
            [(p.role, p.dtype, p.name) for p in found.interface.parameters],
            indent=2,
        )
    out.table(
        ("workload", "uses", ">atol", ">rtol", "shapes and scalars"),
        [
            (w.name, ", ".join(sorted(w.uses)), *_tolerances(w, module), _sizes(w))
            for w in found.workloads
        ],
        indent=2,
    )  # fmt: skip
    out.line("  integers are exact; atol and rtol are of floats")
    if isinstance(found.reference, ModuleReference):
        out.line(f"\n--- reference\n{found.reference.code.strip()}")
    for name, text in found.components.items():
        out.line(f"\n--- {name}\n{text.strip()}")
    for start, source in found.seeds.items():
        out.line(f"\n--- {start}")
        out.line(source.strip())
    return 0


def _tolerances(workload: Workload, module: bool) -> tuple[str, str]:
    """What a task of modules does not say is the judge's, by type."""
    from kernelgepa.task import Tolerance  # noqa: PLC0415

    if module and workload.tolerance == Tolerance():
        return "by type", "by type"
    return f"{workload.tolerance.atol:g}", f"{workload.tolerance.rtol:g}"


def _sizes(workload: Workload) -> str:
    shapes = [f"{name} {list(shape)}" for name, shape in workload.shapes.items()]
    return ", ".join([*shapes, *(f"{name} = {v}" for name, v in workload.scalars.items())])


def _plain(task: Task) -> dict[str, Any]:
    return {
        "name": task.name,
        "target": task.target,
        "shapes": task.shapes,
        "description": task.description,
        "function": task.interface.function,
        "parameters": [
            {"name": p.name, "role": p.role, "dtype": p.dtype} for p in task.interface.parameters
        ],
        "workloads": [
            {
                "name": w.name,
                "uses": sorted(w.uses),
                "shapes": {name: list(shape) for name, shape in w.shapes.items()},
                "scalars": dict(w.scalars),
                "tolerance": {"atol": w.tolerance.atol, "rtol": w.tolerance.rtol},
            }
            for w in task.workloads
        ],
        "seeds": dict(task.seeds),
        **({"components": dict(task.components)} if task.components else {}),
        **_reference(task),
    }


def _reference(task: Task) -> dict[str, str]:
    from kernelgepa.task import ModuleReference  # noqa: PLC0415

    if not isinstance(task.reference, ModuleReference):
        return {}
    return {"reference": task.reference.code, "shrunk": task.reference.shrunk}


@tasks.command("new")
@click.argument("name", required=False)
@click.option("--from", "origin", metavar="FILE.py:FUNCTION", help="A function of numpy arrays.")
@click.option("--inputs", metavar="TEXT", help='Its arguments, as "float32[1024],int8[8,64]".')
def new_(name: str | None, origin: str | None, inputs: str | None) -> int:
    """Make the task folder NAME of a Python function; asks on a terminal for what is not given."""
    from kernelgepa.tasks import new  # noqa: PLC0415

    name = name or _asked("NAME", "Name of the task folder to make")
    origin = origin or _asked("--from", "Function, as file.py:function")
    inputs = inputs or _asked("--inputs", "Its inputs, as float32[1024],float32[1024]")
    why = new.folder(name, origin, inputs)
    where = name if "/" in name else f"./{name}"
    click.echo(f"{where}: task.toml, reference.py and kernel.cc")
    if why:
        click.echo(f"kernel.cc is a stub: {why}; fill it in, or let a language model do so:")
        click.echo(f"  kernelgepa optimize {where} --start stub --model MODEL")
    else:
        click.echo(f"  kernelgepa tasks check {where}")
        click.echo(f"  kernelgepa optimize {where}")
    return 0


def _asked(what: str, question: str) -> str:
    import sys  # noqa: PLC0415

    from kernelgepa.errors import InputError  # noqa: PLC0415

    if not sys.stdin.isatty():
        raise InputError(f"{what} is missing; `kernelgepa tasks new --help` has an example")
    return str(click.prompt(question))


@tasks.command("check")
@click.argument("task")
@options.sandbox
def check_(task: str, choice: Choice) -> int:
    """Find out what is wrong with TASK, or with each of several. Exit code 1 where something is.

    The start kernel of a task of npu-sim is run; a task of torch, cuda or triton is read only.

    \b
    kernelgepa tasks check relu_i8
    kernelgepa tasks check kernelbench:PATH
    """
    from contextlib import ExitStack  # noqa: PLC0415

    from kernelgepa.errors import InputError  # noqa: PLC0415
    from kernelgepa.npu.target import NpuSim  # noqa: PLC0415
    from kernelgepa.tasks.checking import of_task  # noqa: PLC0415
    from kernelgepa.tasks.many import load_all  # noqa: PLC0415

    _named(task)  # what names no task is bad input; what is wrong inside one is an answer
    try:
        found = load_all(task, sandbox=choice, following=options.following)
    except InputError as error:
        click.echo(error)
        return 1
    wrong, right = list(found.unusable.values()), 0
    several = len(found.tasks) + len(wrong) > 1
    target: NpuSim | None = None
    with ExitStack() as stack:
        for name, one in found.tasks.items():
            if one.target == "npu-sim" and target is None:
                sandbox = stack.enter_context(options.opened(choice))
                target = stack.enter_context(NpuSim(1, sandbox))
            sentences = of_task(one, target)
            wrong += [f"{name}: {s}" if several else s for s in sentences]
            right += not sentences
            if several and not sentences and (shrunk := _shrunk(one)):
                click.echo(f"{name}: {shrunk}")
    for sentence in wrong:
        click.echo(sentence)
    if several:
        click.echo(f"{task}: {right} of {len(found.tasks) + len(found.unusable)} tasks are fine")
    elif not wrong:
        click.echo(f"{task}: fine{_unrun(task, one)}")
    return 1 if wrong else 0


def _named(spec: str) -> None:
    """Raises InputError where a word names no task."""
    from pathlib import Path  # noqa: PLC0415

    from kernelgepa.kernelbench import problems  # noqa: PLC0415
    from kernelgepa.tasks import locate  # noqa: PLC0415

    records = Path(spec).suffix == ".jsonl" and Path(spec).is_file()
    if not records and locate(spec).kind == "kernelbench":
        problems.find(spec)


def _shrunk(task: Task) -> str:
    from kernelgepa.task import ModuleReference  # noqa: PLC0415

    return task.module.shrunk if isinstance(task.reference, ModuleReference) else ""


def _unrun(spec: str, task: Task) -> str:
    """What is said of a task that was read and not run."""
    if task.target == "npu-sim":
        return ""
    said = f" as far as its text tells; `kernelgepa evaluate {spec} KERNEL` runs it"
    return f"{said}, {shrunk}" if (shrunk := _shrunk(task)) else said
