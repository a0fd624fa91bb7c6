"""What a run shows while it goes on, and what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kernelgepa.engine.budget import Spend
from kernelgepa.engine.decision import Outcome
from kernelgepa.engine.score import gain
from kernelgepa.protocols import Attempt
from kernelgepa.task import Task
from kernelgepa.verdict import Verdict


@dataclass(frozen=True)
class Step:
    """One step folded; `attempt` is None where it gave no new candidate."""

    outcome: Outcome
    attempt: Attempt | None
    gain: float  # geometric-mean speedup of the attempt over the seed; 0 where there is none
    best: float  # the same of the best of the task so far; 1 for the seed
    spend: Spend  # of the run so far
    replayed: bool  # known from the journal


Watcher = Callable[[Step], None]


@dataclass(frozen=True)
class TaskResult:
    """What a run found for one task."""

    task: Task
    seed: Attempt
    best: Attempt
    front: tuple[Attempt, ...]
    leads: Mapping[str, tuple[str, ...]]  # candidate of the front -> workloads it leads on
    attempts: tuple[Attempt, ...]  # everything judged, the seed first
    confirmed: bool  # `best` was correct once more, on fresh inputs and hidden workloads too
    withdrawn: tuple[str, ...] = ()  # candidates that were not
    again: Verdict | None = None  # on `best`, from fresh inputs and a new process

    @property
    def speedup(self) -> float:
        """Geometric mean over workloads of cost: seed / best. 0 where either is not correct."""
        return against_seed(self.task, self.seed, self.best)


def against_seed(task: Task, seed: Attempt, attempt: Attempt) -> float:
    """Geometric-mean speedup over the seed; 0 where either is not correct."""
    both = seed.verdict.correct and attempt.verdict.correct
    if task.correctness == "all" and not both:
        return 0.0
    return gain(seed.verdict, attempt.verdict)


@dataclass(frozen=True)
class Result:
    """What a run found. The properties are for a run of one task.

    `stopped` says why nothing more was proposed, `unusable` which tasks were left out and why.
    """

    tasks: Mapping[str, TaskResult]
    spend: Spend
    stopped: str
    directory: Path
    unusable: Mapping[str, str]

    @property
    def only(self) -> TaskResult:
        """Raises ValueError where the run has several tasks."""
        (found,) = self.tasks.values()
        return found

    @property
    def confirmed(self) -> bool:
        """Whether every task of the run has a confirmed best."""
        return not self.unusable and all(t.confirmed for t in self.tasks.values())

    @property
    def task(self) -> Task:
        return self.only.task

    @property
    def seed(self) -> Attempt:
        return self.only.seed

    @property
    def best(self) -> Attempt:
        return self.only.best

    @property
    def front(self) -> tuple[Attempt, ...]:
        return self.only.front

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        return self.only.attempts

    @property
    def speedup(self) -> float:
        return self.only.speedup
