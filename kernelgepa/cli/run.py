"""kernelgepa show: what a run has done so far."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kernelgepa.cli import options

if TYPE_CHECKING:
    from kernelgepa.cli.screen import Screen
    from kernelgepa.runs.view import Entry, RunView, TaskView

SHOWN_TASKS = 200


@click.command("show")
@click.argument("run", type=options.PATH)
@click.option("--task", default="", help="Which task, where the run has several.")
def show_run(run: Path, task: str) -> int:
    """Show RUN, a run directory: frontier, lineage, cost and failures by class.

    It may still be under way.
    """
    from kernelgepa.cli import progress, show  # noqa: PLC0415
    from kernelgepa.cli.screen import Screen  # noqa: PLC0415
    from kernelgepa.runs.view import view  # noqa: PLC0415

    found = view(run)
    out = Screen()
    settings = found.start.settings
    by = settings.proposer + (f" ({settings.model.name})" if settings.model else "")
    out.line(
        f"{run}: {len(found.start.tasks)} task{'s' * (len(found.start.tasks) > 1)}, start "
        f"{settings.start}, proposer {by}, seed {settings.seed}, kernelgepa "
        f"{found.start.kernelgepa}"
    )
    if task or len(found.tasks) == 1:
        _one(out, found.task(task))
    else:
        _several(out, found)
    _failures(out, found)
    again = f"not ended; go on with `{show.program()} resume {shlex.quote(str(run))}`"
    how = found.stopped or again
    out.line(f"{how}; {progress.spent(found.spend)}; {found.seconds:.0f} s (measured)")
    return 0


def _one(out: Screen, task: TaskView) -> None:
    from kernelgepa.cli.progress import cost, unit  # noqa: PLC0415

    of = unit(task.best.attempt)
    leads = task.archive.leads()
    front = sorted((task.entries[name] for name in leads), key=lambda e: -e.gain)
    count = len(task.seed.attempt.verdict.workloads)
    out.line(f"frontier of {task.name}: {len(front)}")
    out.table(
        ("candidate", ">step", f">{of}", ">speedup", "leads on", "by"),
        [
            (e.id, str(e.step), cost(e.attempt), _speed(e), _led(leads[e.id], count), _by(e))
            for e in front
        ],
    )
    best = task.best
    confirmed = task.confirmed.get(best.id)
    word = {True: "confirmed on fresh inputs", False: "NOT confirmed", None: "not confirmed yet"}
    out.line(f"lineage of the best, {best.id}, {word[confirmed]}:")
    out.table(
        ("candidate", ">step", f">{of}", ">speedup", "by"),
        [(e.id, str(e.step), cost(e.attempt), _speed(e), _by(e)) for e in task.line(best)],
    )
    for entry in task.line(best):
        if entry.proposal is not None and entry.proposal.citations:
            out.line(f"{entry.id} goes back to")
            for cited in entry.proposal.citations:
                out.line(f"  {cited}")


def _led(names: tuple[str, ...], count: int) -> str:
    if len(names) == count:
        return "all workloads"
    return ", ".join(names) if len(names) <= 4 else f"{len(names)} of {count} workloads"


def _speed(entry: Entry) -> str:
    return f"{entry.gain:.2f}x" if entry.gain else "-"


def _by(entry: Entry) -> str:
    candidate = entry.attempt.candidate
    return f"{candidate.origin}: {candidate.note}" if candidate.note else candidate.origin


def _several(out: Screen, found: RunView) -> None:
    from kernelgepa.cli.progress import cost, unit  # noqa: PLC0415

    tasks = sorted(found.tasks.values(), key=lambda t: -t.best.gain)
    of = unit(tasks[0].best.attempt) if tasks else "cycles"
    out.table(
        ("task", f">seed {of}", f">best {of}", ">speedup", ">front", ">candidates", "by"),
        [
            (
                t.name, cost(t.seed.attempt), cost(t.best.attempt), _speed(t.best),
                str(len(t.archive.front())), str(len(t.entries) - 1), _by(t.best),
            )
            for t in tasks[:SHOWN_TASKS]
        ],
    )  # fmt: skip
    out.line("`--task NAME` shows the frontier and lineage of one")


def _failures(out: Screen, found: RunView) -> None:
    if found.failures:
        rows = [(name, str(n)) for name, n in found.failures.most_common()]
        out.table(("proposals without effect", ">number"), rows)
