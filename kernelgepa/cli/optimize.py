"""kernelgepa optimize and kernelgepa resume."""

from __future__ import annotations

import shlex
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kernelgepa.cli import options

if TYPE_CHECKING:
    from kernelgepa.cli.progress import Progress
    from kernelgepa.engine.result import Result
    from kernelgepa.runs.settings import Settings
    from kernelgepa.sandbox import Choice


@click.command()
@click.argument("task")
@click.option(
    "--proposer", type=options.OneOf(["playbook", "llm"]),
    help="What makes new kernels: playbook (rules, no key), or llm [llm with --model].",
)  # fmt: skip
@options.model
@options.budgets
@options.start
@click.option(
    "--seed-kernel", type=options.PATH, metavar="FILE",
    help="Begin with the kernel in FILE, such as a ModelNew with load_inline.",
)  # fmt: skip
@options.compat
@options.device
@options.libraries
@options.sizes
@click.option("--out", type=options.PATH, help="Run directory [runs/TASK-DATE].")
@options.jobs
@click.option(
    "--seed",
    type=options.WholeNumber(),
    default=0,
    show_default=True,
    help="Of the random choices.",
)
@click.option(
    "--gate", type=options.OneOf(["any", "sum"]), default="any", show_default=True,
    help="A child goes on if better than its parent on any workload of the minibatch, or in sum.",
)  # fmt: skip
@click.option(
    "--minibatch",
    type=options.WholeNumber(1),
    default=3,
    show_default=True,
    help="Workloads tried first.",
)
@click.option("--templates", default="", help="Folder of templates that replace the prompts'.")
@options.secret_file
@options.sandbox
@options.no_cache
@options.as_json
def optimize(
    task: str,
    proposer: str | None,
    start: Any,
    seed_kernel: Path | None,
    compat: Any,
    device: str,
    libraries: str,
    shrink: bool | None,
    out: Path | None,
    jobs: int,
    seed: int,
    gate: Any,
    minibatch: int,
    templates: str,
    secret_file: Path | None,
    no_cache: bool,
    as_json: bool,
    choice: Choice,
    **more: Any,
) -> int:
    """Optimise TASK and keep the best correct kernels.

    TASK may also be FILE.jsonl or a folder of tasks: all of them are optimised in one run. Exit
    code 0 where every best kernel is correct and confirmed on fresh inputs, else 1.

    \b
    kernelgepa optimize rms_norm_bf16 --budget 10
    kernelgepa optimize my_kernel.cc --model openai/gpt-5 --usd 2
    kernelgepa optimize kernelbench:PATH#L1/19 --seed-kernel model_new.py
    """
    from kernelgepa import proposers, session  # noqa: PLC0415
    from kernelgepa.cli import progress  # noqa: PLC0415
    from kernelgepa.judge.secret import Secret  # noqa: PLC0415
    from kernelgepa.runs.folder import run_folder  # noqa: PLC0415

    model = options.model_of(more)
    settings = session.Settings(
        proposer=proposer or ("llm" if model else "playbook"),
        budget=options.budget_of(more),
        start=start,
        policy=compat or "strict",
        device=device,
        vendor=libraries == "allowed",
        shrink=shrink,
        seed=seed,
        gate=gate,
        minibatch=minibatch,
        model=model,
        templates=templates,
        jobs=jobs,
        cache=not no_cache,
    )
    settings.check()
    planned = session.plan(task, settings, choice, options.following)
    if seed_kernel:
        planned, settings = session.begun_from(planned, seed_kernel, settings)
    settings = replace(
        settings,
        budget=options.budget_of(more, len(planned.tasks)),
        templates=str(Path(templates).absolute()) if templates else "",
    )
    if secret_file:
        Secret.read(secret_file)  # what is wrong with it is said before a directory is made
    maker = proposers.ready(settings)
    with options.opened(choice) as sandbox, run_folder(planned.name, out) as folder:
        shown = progress.make(
            "json" if as_json else "", len(planned.tasks) > 1, task, planned.tasks[0][1].target
        )
        progress.begin(shown, planned, settings, maker)
        with options.going_on(partial(_resume, folder)), progress.showing(shown):
            found = session.optimize(
                planned, settings, folder, shown.step, maker, secret_file, sandbox=sandbox
            )
    return ended(shown, found, settings)


@click.command()
@click.argument("run", type=options.PATH)
@options.raised_budgets
@options.jobs
@options.no_cache
@options.sandbox
@options.as_json
def resume(run: Path, jobs: int, no_cache: bool, choice: Choice, as_json: bool, **more: Any) -> int:
    """Go on with RUN, a run directory, where it was interrupted.

    Decisions are those of an uninterrupted run; nothing recorded is paid for again. A budget given
    here replaces the run's own, so that a run that has ended can go on.
    """
    from kernelgepa import session  # noqa: PLC0415
    from kernelgepa.cli import progress  # noqa: PLC0415
    from kernelgepa.runs.start import started  # noqa: PLC0415

    begun = started(run)

    def change(settings: Settings) -> Settings:
        limits = options.raised(settings.budget, more)
        return replace(settings, budget=limits, jobs=jobs, cache=not no_cache)

    several, first = len(begun.tasks) > 1, begun.tasks[0]
    shown = progress.make("json" if as_json else "", several, first.spec, first.target)
    again = options.going_on(partial(_resume, run))
    with options.opened(choice) as sandbox, again, progress.showing(shown):
        found = session.go_on(run, change, shown.step, sandbox=sandbox)
    return ended(shown, found, change(begun.settings))


def _resume(folder: Path) -> str:
    from kernelgepa.cli.show import program  # noqa: PLC0415
    from kernelgepa.runs.folder import has_begun  # noqa: PLC0415

    if not has_begun(folder):
        return ""
    return f"go on with it: {program()} resume {shlex.quote(str(folder))}"


def ended(shown: Progress, found: Result, settings: Settings) -> int:
    """Shows the result; the exit code."""
    shown.end(found, settings)
    return 0 if found.confirmed else 1
