"""The end of a run: the best of every task is judged once more, under a new secret."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from kernelgepa.engine.archive import Archive
from kernelgepa.engine.result import TaskResult
from kernelgepa.engine.state import State, TaskState
from kernelgepa.engine.steps import Parts
from kernelgepa.engine.workers import Workers
from kernelgepa.verdict import Verdict


def confirm(state: State, parts: Parts, workers: Workers) -> Mapping[str, TaskResult]:
    """By task. A best that is not correct again is withdrawn, and the next best takes its place."""
    futures = {
        name: workers.submit(partial(_confirmed, mine, parts)) for name, mine in state.tasks.items()
    }
    return {name: future.result() for name, future in futures.items()}


def _confirmed(mine: TaskState, parts: Parts) -> TaskResult:
    archive, withdrawn = mine.archive, list[str]()
    while True:
        best = archive.best()
        again = _again(mine, best.candidate.id, parts) if best.verdict.correct else None
        good = again is not None and holds(best.verdict, again)
        if good or not best.verdict.correct or best is mine.seed:
            break
        withdrawn.append(best.candidate.id)
        archive = _without(mine, withdrawn, parts)
    return TaskResult(
        mine.task, mine.seed, best, tuple(archive.front()), archive.leads(), tuple(mine.attempts),
        good, tuple(withdrawn), again,
    )  # fmt: skip


def holds(first: Verdict, again: Verdict) -> bool:
    """Correct once more; and where it was measured to be faster, it is not slower now."""
    won = {w.workload for w in first.workloads if w.timing is not None and w.timing.win}
    lost = {w.workload for w in again.workloads if w.timing is not None and w.timing.loss}
    return again.correct and not won & lost


def _again(mine: TaskState, candidate: str, parts: Parts) -> Verdict:
    known = parts.record.rejudged.get((mine.task.name, candidate))
    if known is None:
        known = parts.evaluator.again(mine.task, mine.known[candidate])
        parts.record.confirmed(mine.task, known)
    return known


def _without(mine: TaskState, withdrawn: list[str], parts: Parts) -> Archive:
    """The archive as it would be had these never been accepted."""
    made = Archive(mine.pareto, mine.task.correctness == "all", parts.rules.ties)
    for attempt in mine.archive.attempts:
        if attempt.candidate.id not in withdrawn:
            made.add(attempt)
    return made
