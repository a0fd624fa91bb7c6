"""Parts of a run that cost nothing, for benchmarks of the loop around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kernelgepa.candidate import Candidate
from kernelgepa.protocols import Attempt, Told
from kernelgepa.task import Interface, Task, Workload
from kernelgepa.verdict import Quantity, Stage, Verdict, WorkloadVerdict

VERSIONS = {"world": "1"}


class MockJudge:
    """Every candidate is correct; what it costs is a function of its components."""

    policy = "strict"
    ties = 0.0

    def __init__(self, costs: Callable[[Mapping[str, str]], Mapping[str, float]]) -> None:
        self._costs = costs

    def versions(self) -> Mapping[str, str]:
        return VERSIONS

    def fingerprint(self) -> str:
        return ""

    def judge(
        self, task: Task, candidate: Candidate, workloads: Sequence[str] | None = None
    ) -> Verdict:
        wanted = None if workloads is None else set(workloads)
        found = tuple(
            WorkloadVerdict(name, Stage.CORRECT, 1.0, cost=Quantity(cost, "s", "measured"))
            for name, cost in self._costs(candidate.components).items()
            if wanted is None or name in wanted
        )
        return Verdict(candidate.id, task.name, found, versions=VERSIONS)

    def rejudge(self, task: Task, candidate: Candidate) -> Verdict:
        return self.judge(task, candidate)

    def whole(self, task: Task, candidate: Candidate) -> Verdict:
        return self.judge(task, candidate)


class MockFeedback:
    def tell(self, task: Task, attempt: Attempt, history: Sequence[Attempt]) -> Told:
        return Told("better, please", ("manual:pipelining",))


class NoReference:
    def inputs(self, workload: Workload, rng: Any, kind: Any) -> None:
        return None

    def outputs(self, workload: Workload, inputs: Any) -> dict[str, Any]:
        return {}


def mock_task(workloads: Sequence[str]) -> Task:
    shapes = tuple(Workload(name, {}) for name in workloads)
    return Task("mock", "none", Interface("f", ()), shapes, NoReference(), {})
