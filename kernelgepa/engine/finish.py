"""The end of a run: the best of every task is judged once more, under a new secret."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from kernelgepa.engine.archive import Archive
from kernelgepa.engine.result import TaskResult
from kernelgepa.engine.state import State, TaskState
from kernelgepa.engine.steps import Parts
from kernelgepa.engine.workers import Workers


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
        good = best.verdict.correct and _again(mine, best.candidate.id, parts)
        if good or not best.verdict.correct or best is mine.seed:
            break
        withdrawn.append(best.candidate.id)
        archive = _without(mine, withdrawn, parts)
    return TaskResult(
        mine.task, mine.seed, best, tuple(archive.front()), archive.leads(), tuple(mine.attempts),
        good, tuple(withdrawn),
    )  # fmt: skip


def _again(mine: TaskState, candidate: str, parts: Parts) -> bool:
    known = parts.record.rejudged.get((mine.task.name, candidate))
    if known is None:
        known = parts.evaluator.again(mine.task, mine.known[candidate])
        parts.record.confirmed(mine.task, known)
    return known.correct


def _without(mine: TaskState, withdrawn: list[str], parts: Parts) -> Archive:
    """The archive as it would be had these never been accepted."""
    made = Archive(mine.pareto, mine.task.correctness == "all", parts.rules.ties)
    for attempt in mine.archive.attempts:
        if attempt.candidate.id not in withdrawn:
            made.add(attempt)
    return made
