"""kernelgepa optimize."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kernelgepa.cli import options


@click.command()
@click.argument("task")
@click.option(
    "--proposer", type=options.OneOf(["playbook"]), default="playbook", show_default=True,
    help="What makes new kernels: playbook = rules, no key needed.",
)  # fmt: skip
@click.option(
    "--budget", type=options.WholeNumber(1), default=20, show_default=True,
    help="Most evaluations beside the seed's.",
)  # fmt: skip
@options.start
@options.compat
@click.option("--out", type=click.Path(path_type=Path), help="Run directory [runs/TASK-DATE].")
@click.option(
    "--jobs", type=options.WholeNumber(1, options.MOST_JOBS), default=1, show_default=True,
    help="Workers that evaluate at the same time; results do not depend on it.",
)  # fmt: skip
@click.option(
    "--seed", type=options.WholeNumber(), default=0, show_default=True,
    help="Of the random choices.",
)  # fmt: skip
@options.secret_file
@click.option("--no-cache", is_flag=True, help="Evaluate even what this secret has seen before.")
@options.as_json
def optimize(
    task: str,
    proposer: Any,
    budget: int,
    start: Any,
    compat: str | None,
    out: Path | None,
    jobs: int,
    seed: int,
    secret_file: Path | None,
    no_cache: bool,
    as_json: bool,
) -> int:
    """Optimise TASK and keep the best correct kernels.

    Exit code 0 where the best kernel is correct and confirmed on fresh inputs, else 1.

    \b
    kernelgepa optimize relu_i8
    kernelgepa optimize my_task_folder --budget 40 --out runs/mine
    kernelgepa optimize my_kernel.cc --json > result.json
    kernelgepa optimize 'records.jsonl#relu_int8' --start canonical
    """
    import json  # noqa: PLC0415

    from kernelgepa import session  # noqa: PLC0415
    from kernelgepa.cli import show  # noqa: PLC0415
    from kernelgepa.cli.screen import Screen  # noqa: PLC0415
    from kernelgepa.judge.secret import Secret  # noqa: PLC0415
    from kernelgepa.tasks import load  # noqa: PLC0415

    settings = session.Settings(
        proposer=proposer,
        budget=budget,
        start=start,
        policy="npueval" if compat else "strict",
        jobs=jobs,
        random_seed=seed,
        secret_file=secret_file,
        cache=not no_cache,
    )
    loaded = load(task, start)
    if secret_file:
        Secret.read(secret_file)  # what is wrong with it is said before a directory is made
    folder = _made(out) if out else session.new_folder(loaded.name)
    screen = Screen(stderr=as_json)
    screen.line(f"{loaded.name}: start {start}, proposer {proposer}, budget {budget}")
    show.heading(screen)
    found = session.optimize(loaded, settings, folder, lambda done: show.step(screen, done))
    if as_json:
        print(json.dumps(session.summary(found, settings), indent=1, sort_keys=True))
    else:
        show.result(screen, found, folder, task, " --compat npueval" if compat else "")
    return 0 if found.best.verdict.correct and found.confirmed else 1


def _made(out: Path) -> Path:
    """The run directory a user chose, which must not hold a run yet. Raises InputError."""
    from kernelgepa.errors import InputError  # noqa: PLC0415
    from kernelgepa.journal import EVENTS  # noqa: PLC0415

    if (out / EVENTS).exists():
        raise InputError(f"{out} already holds a run; choose a new directory with --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot make the run directory {out}: {error.strerror}; choose another with --out"
        ) from error
    return out
