"""kernelgepa bench."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kernelgepa.cli import options

if TYPE_CHECKING:
    from kernelgepa.bench.kernelbench import Plan
    from kernelgepa.cli.screen import Screen
    from kernelgepa.kernelbench.baselines import Timing
    from kernelgepa.kernelbench.problems import Problem
    from kernelgepa.runs.settings import Settings
    from kernelgepa.sandbox import Choice
    from kernelgepa.verdict import Policy

EACH = 10  # candidates a problem


@click.group()
def bench() -> None:
    """Search kernels for a whole data set and score them.

    A bench that was interrupted, however it was, goes on with the same command.
    """


run_name = click.option("--run", "name", required=True, metavar="NAME", help="What it is called.")
seconds = click.option(
    "--seconds",
    type=options.Number(0.01),
    help="Most that timing a kernel may take [8]; where it is too little, fewer wins are seen.",
)
out = click.option(
    "--out", type=options.PATH, default=Path("runs"), show_default=True,
    help="Where run directories are.",
)  # fmt: skip
budgets = options.together(
    click.option(
        "--budget", type=options.WholeNumber(1), default=EACH, show_default=True,
        help="Most candidates judged, a problem.",
    ),
    click.option("--usd", type=options.MORE_THAN_0, help="Most dollars for a model, a problem."),
    click.option("--minutes", type=options.MORE_THAN_0, help="Most time, a problem."),
)  # fmt: skip
evaluate_only = click.option(
    "--evaluate-only", "kernels", type=options.PATH, metavar="DIR",
    help="Judge the kernels in DIR instead of searching.",
)  # fmt: skip
proposer = click.option(
    "--proposer", type=options.OneOf(["playbook", "llm"]),
    help="playbook (rules, no key), or llm [llm with --model].",
)  # fmt: skip
levels = click.option("--levels", default="", metavar="LIST", help="Such as 1,2,3 [all].")
several_devices = click.option(
    "--device", default="", metavar="NAMES",
    help="cpu, cuda:0 or several, as cuda:0,cuda:1 [all GPUs, else the CPU].",
)  # fmt: skip


@bench.command()
@click.argument("path")
@levels
@click.option(
    "--subset", default="", metavar="WHICH",
    help="representative (a problem a kind of operation), all, or numbers such as 1,4-7 "
    "[representative; all with --evaluate-only].",
)  # fmt: skip
@run_name
@proposer
@options.model
@click.option(
    "--samples", type=options.WholeNumber(1, 100), default=1, show_default=True,
    help="Searches a problem.",
)  # fmt: skip
@budgets
@several_devices
@options.sizes
@options.jobs
@click.option("--seed", type=options.WholeNumber(), default=0, help="Of the random choices.")
@click.option(
    "--compat", type=options.OneOf(["kernelbench"]), help="KernelBench's own tolerances and trials."
)
@evaluate_only
@seconds
@out
@options.no_cache
@options.sandbox
@options.as_json
def kernelbench(
    path: str,
    levels: str,
    subset: str,
    name: str,
    samples: int,
    device: str,
    kernels: Path | None,
    out: Path,
    choice: Choice,
    as_json: bool,
    **more: Any,
) -> int:
    """KernelBench's problems of PATH, a checkout or rows of its data set.

    Kernels and eval_results.json lie as KernelBench has them, in OUT/NAME_level1 and so on; the
    searches, one run directory each, and all that was measured in OUT/NAME. Exit code 0 when done,
    whatever the score.

    \b
    kernelgepa bench kernelbench KernelBench --levels 1,2 --run mine --budget 10
    kernelgepa bench kernelbench KernelBench --run theirs --evaluate-only runs/other_level1
    """
    from kernelgepa.bench import kernelbench as problems  # noqa: PLC0415
    from kernelgepa.cli import board  # noqa: PLC0415
    from kernelgepa.cli.screen import Screen  # noqa: PLC0415

    asked = problems.Asked(
        path, name, _settings(more, more["compat"] or "strict"), levels, subset, samples, device,
        out, kernels,
    )  # fmt: skip
    made = problems.plan(asked, choice, options.following)
    screen = Screen(stderr=as_json)
    _planned(screen, made)
    again = options.going_on(lambda: "the same command goes on with it")
    with again, options.opened(choice) as sandbox, board.shown(as_json) as shown:
        problems.run(made, shown, sandbox)
    if as_json:
        board.Events().say({"event": "result", **problems.plain(made)})
    else:
        _ended(screen, made)
    return 0


def _settings(more: dict[str, Any], policy: Policy, **others: Any) -> Settings:
    from kernelgepa.engine.budget import Budget  # noqa: PLC0415
    from kernelgepa.runs.settings import Settings  # noqa: PLC0415

    model = options.model_of(more)
    return Settings(
        proposer=more.get("proposer") or ("llm" if model else "playbook"),
        budget=Budget(more["budget"], None, more["usd"], more["minutes"]),
        policy=policy,
        seed=more["seed"],
        model=model,
        seconds=more.get("seconds"),
        shrink=more.get("shrink"),
        jobs=more["jobs"],
        cache=not more["no_cache"],
        **others,
    )


def _planned(screen: Screen, made: Plan) -> None:
    """What is about to be done, and what is not."""
    asked = made.asked
    by = f"proposer {asked.settings.proposer}, budget {asked.settings.budget.candidates} a problem"
    count = f"{len(made.items)} kernel{'s' * (len(made.items) != 1)}"
    what = f"{count} of {asked.kernels}" if asked.kernels else by
    screen.line(
        f"{asked.name}: {len(made.entries)} of {made.of} problems, {what}, on "
        f"{', '.join(made.devices)}"
    )
    screen.line(
        f"rules: {asked.settings.policy}; libraries may do the work, TF32 is off, falling back to "
        "the reference is refused"
    )
    for entry in made.entries:
        if entry.shrunk:
            screen.line(f"shrunk: {entry.problem.label} {entry.problem.name}: {entry.shrunk}")
        if entry.refused:
            screen.line(f"refused: {entry.problem.label} {entry.problem.name}: {entry.refused}")
    for why in made.unread.values():
        screen.line(f"left out, it cannot be read: {why}")
    for path in made.strays:
        screen.line(f"left out, no such problem: {path}")


def _ended(screen: Screen, made: Plan) -> None:
    from kernelgepa.bench import kernelbench as problems  # noqa: PLC0415
    from kernelgepa.bench.folder import RESULTS  # noqa: PLC0415
    from kernelgepa.bench.samples import REFUSED  # noqa: PLC0415
    from kernelgepa.kernelbench.metrics import table  # noqa: PLC0415

    several = max((i.sample for i in made.items), default=0) > 0
    if several:
        screen.line("sample 0 of every problem, as KernelBench's analysis takes it (measured)")
        screen.line(table(problems.outcomes(made, 0)))
    what = "the best of the samples" if several else "kernels"
    screen.line(f"{what} against their references, by turns (measured)")
    best = problems.outcomes(made)
    screen.line(table(best))
    refused = sum(one.failure == REFUSED for one in best)
    if refused or made.unread or made.strays:
        screen.line(
            f"{refused} refused, counted as failures; not counted: {len(made.unread)} that cannot "
            f"be read, and of kernels without a problem {len(made.strays)}"
        )
    for level in made.levels:
        screen.line(f"KernelBench's files: {made.run_of(level)}")
    screen.line(f"searches and all measurements: {made.place / RESULTS}")


@bench.command()
@click.argument("path", type=options.PATH, metavar="FILE.jsonl")
@run_name
@proposer
@options.model
@budgets
@click.option(
    "--start", type=options.OneOf(["stub", "canonical"]), default="stub", show_default=True,
    help="Begin with the record's empty stub, or with its working kernel.",
)  # fmt: skip
@click.option(
    "--jobs", type=options.WholeNumber(1, options.MOST_JOBS), default=1, show_default=True,
    help="Kernels worked on at once.",
)  # fmt: skip
@click.option("--seed", type=options.WholeNumber(), default=0, help="Of the random choices.")
@click.option("--compat", type=options.OneOf(["npueval"]), help="NPUEval's own tolerances.")
@evaluate_only
@out
@options.no_cache
@options.sandbox
@options.as_json
def npueval(
    path: Path,
    name: str,
    start: Any,
    kernels: Path | None,
    out: Path,
    choice: Choice,
    as_json: bool,
    **more: Any,
) -> int:
    """The records of FILE.jsonl, on the simulated NPU.

    Results lie in OUT/NAME/results, one KERNEL_wrapper.json each as NPUEval has them: what hardware
    counts is null there, what the cycle model says is under "kernelgepa". Kernels lie in
    OUT/NAME/solutions. Exit code 0 when done, whatever the score.

    \b
    kernelgepa bench npueval records.jsonl --run mine --model openai/gpt-5 --usd 1
    kernelgepa bench npueval records.jsonl --run theirs --evaluate-only solutions/gpt-4o
    """
    from kernelgepa.bench import npueval as records  # noqa: PLC0415
    from kernelgepa.cli import board  # noqa: PLC0415
    from kernelgepa.cli.screen import Screen  # noqa: PLC0415

    settings = _settings(more, more["compat"] or "strict", start=start)
    made = records.plan(records.Asked(path, name, settings, out, kernels))
    screen = Screen(stderr=as_json)
    by = (
        f"proposer {settings.proposer}, budget {settings.budget.candidates} a kernel, start {start}"
    )
    screen.line(
        f"{name}: {len(made.entries)} kernels, {f'those of {kernels}' if kernels else by}, rules "
        f"{settings.policy}"
    )
    for entry in made.entries:
        if entry.refused:
            screen.line(f"refused: {entry.name}: {entry.refused}")
    again = options.going_on(lambda: "the same command goes on with it")
    with again, options.opened(choice) as sandbox, board.shown(as_json) as shown:
        records.run(made, shown, sandbox)
    if as_json:
        board.Events().say({"event": "result", **records.plain(made)})
        return 0
    found = records.score(made)
    mean = found["geometric_mean"]
    screen.line(
        f"{found['pass']} of {found['kernels']} pass, {found['unchanged']} of them as they were; "
        f"mean vector utilisation {found['vector_utilisation']['value']:.1%} over all kernels"
        + (f", geometric mean {mean['value']:.2f}x" if mean else "")
        + " (modelled; hardware's vector score is not known)"
    )
    if found["failures"]:
        screen.line("failures: " + ", ".join(f"{k} {n}" for k, n in found["failures"].items()))
    screen.line(f"NPUEval's files: {made.place / records.RESULTS}")
    return 0


@bench.command("emit-baseline")
@click.argument("path")
@levels
@click.option(
    "--subset", default="all", metavar="WHICH", show_default=True,
    help="all, representative, or numbers such as 1,4-7.",
)  # fmt: skip
@options.device
@options.sizes
@click.option("--hardware", default="", metavar="NAME", help="Folder of the file [the device's].")
@click.option(
    "--name", default="baseline_time_torch", metavar="NAME", show_default=True,
    help="What the file is called.",
)  # fmt: skip
@click.option(
    "--trials", type=options.WholeNumber(1, 10_000), default=100, show_default=True,
    help="Timed calls of each reference.",
)  # fmt: skip
@click.option(
    "--out", type=options.PATH, default=Path("results"), show_default=True,
    help="The file is OUT/timing/HARDWARE/NAME.json.",
)  # fmt: skip
@options.sandbox
def emit_baseline(
    path: str,
    levels: str,
    subset: str,
    device: str,
    shrink: bool | None,
    hardware: str,
    name: str,
    trials: int,
    out: Path,
    choice: Choice,
) -> int:
    """Time the references of PATH and write them as KernelBench's baseline.

    Times are added to those in the file. Exit code 1 where a problem could not be timed.

    \b
    kernelgepa bench emit-baseline KernelBench --levels 1 --hardware H100
    """
    from kernelgepa.bench import baseline  # noqa: PLC0415
    from kernelgepa.bench.devices import named  # noqa: PLC0415
    from kernelgepa.bench.kernelbench import chosen  # noqa: PLC0415
    from kernelgepa.cli.screen import Screen  # noqa: PLC0415
    from kernelgepa.errors import InputError  # noqa: PLC0415
    from kernelgepa.kernelbench import baselines  # noqa: PLC0415

    (where, *others) = named(device)
    if device and others:
        raise InputError(f"--device {device}: expected one device, found {len(others) + 1}")
    problems, _, unread = chosen(path, levels, subset, where)
    file = baselines.path(out, hardware or baseline.hardware(where), name)
    if file.exists():
        baselines.read(file)
    screen, failed = Screen(), len(unread)

    def told(problem: Problem, found: Timing | str) -> None:
        nonlocal failed
        if isinstance(found, str):
            baselines.emit(file, {problem: None})
            failed += 1
            said = f"not timed: {found}"
        else:
            baselines.emit(file, {problem: found})
            said = (
                f"{found.mean:g} ms, of {found.num_trials} calls {found.min:g} to {found.max:g} "
                "(measured)" + (f", {found.shrunk}" if found.shrunk else "")
            )
        screen.line(f"{problem.label} {problem.name}: {said}")

    with options.opened(choice) as sandbox:
        baseline.measure(problems, where, sandbox, told, trials, shrink)
    for why in unread.values():
        screen.line(f"left out, it cannot be read: {why}")
    screen.line(f"{len(problems)} problems, {failed} not timed: {file}")
    return 1 if failed else 0
