"""kernelgepa optimize."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kernelgepa.cli import options


@click.command()
@click.argument("task")
@click.option(
    "--proposer", type=click.Choice(["playbook"]), default="playbook", show_default=True,
    help="What makes new kernels: playbook = rules, no key needed.",
)  # fmt: skip
@click.option(
    "--budget", type=click.IntRange(min=1), default=20, show_default=True,
    help="Most evaluations beside the seed's.",
)  # fmt: skip
@options.start
@options.compat
@click.option("--out", type=click.Path(path_type=Path), help="Run directory [runs/TASK-DATE].")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the random choices.")
@options.secret_file
@click.option("--no-cache", is_flag=True, help="Evaluate even what this secret has seen before.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
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
    """
    import json  # noqa: PLC0415

    from kernelgepa import session  # noqa: PLC0415
    from kernelgepa.cli import show  # noqa: PLC0415
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
    folder = out or session.new_folder(loaded.name)
    screen = show.console(stderr=as_json)
    screen.print(f"{loaded.name}: start {start}, proposer {proposer}, budget {budget}")
    found = session.optimize(loaded, settings, folder, lambda done: show.step(screen, done))
    if as_json:
        print(json.dumps(session.summary(found, settings), indent=1, sort_keys=True))
    else:
        show.result(screen, found, str(folder))
    return 0 if found.best.verdict.correct and found.confirmed else 1
