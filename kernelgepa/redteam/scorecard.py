"""Runs the red team's cases through the judge of measured kernels, and counts by class."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from kernelgepa.candidate import Candidate
from kernelgepa.measured.judge import ModuleJudge
from kernelgepa.measured.modules import TorchAdapter
from kernelgepa.protocols import Sandbox
from kernelgepa.redteam.cases import NO_WIN, ROLES, RedCase, Role, missing
from kernelgepa.task import Interface, ModuleReference, Task, Workload
from kernelgepa.verdict import Verdict

SECONDS = 0.1  # of timing: as few rounds as there are, which tells a cheat's factor well enough


@dataclass(frozen=True)
class Result:
    """What came of one candidate. `reasons`: codes and labels that the judge gave."""

    case: RedCase
    role: Role
    correct: bool
    win: bool
    reasons: frozenset[str]
    detail: str = ""
    speedup: float | None = None

    @property
    def accepted(self) -> bool:
        """Whether it would count as a faster correct kernel."""
        return self.correct and self.win

    @property
    def named(self) -> bool:
        """Whether it was rejected for one of the reasons its case expects."""
        return not self.accepted and bool(self.reasons & self.case.reasons)

    @property
    def good(self) -> bool:
        """As it must be: a twin is correct, a cheat is rejected for a reason that was named."""
        return self.correct if self.role == "honest" else self.named


@dataclass(frozen=True)
class Row:
    """Counts of one class: hostile ones are taken with their rewritten forms."""

    kind: str
    hostile: int
    rejected: int
    named: int
    twins: int
    accepted: int
    absent: int  # cases that this machine cannot run
    why: str  # it cannot


def task_of(case: RedCase) -> Task:
    """The case's problem as a task, with the sizes that a candidate does not know hidden."""
    code = case.code
    every = [Workload("all", {})]
    if case.hidden:
        every.append(Workload("hidden", {}, case.hidden, uses=frozenset({"hidden"})))
    return Task(
        case.name, "torch", Interface("ModelNew", ()), tuple(every), ModuleReference(code), {},
        case.shapes, digest=hashlib.sha256(code.encode()).hexdigest()[:16],
    )  # fmt: skip


class Judges:
    """Judges of all devices and policies that cases ask for, each begun when it is first needed."""

    def __init__(self, sandbox: Sandbox, adapter: type[TorchAdapter] = TorchAdapter) -> None:
        self._sandbox, self._adapter = sandbox, adapter
        self._begun: dict[tuple[str, str], ModuleJudge] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for judge in self._begun.values():
            judge.close()
        self._begun.clear()

    def result(self, case: RedCase, role: Role) -> Result:
        verdict = self._of(case).whole(task_of(case), Candidate.kernel(case.source(role)))
        return result_of(case, role, verdict)

    def _of(self, case: RedCase) -> ModuleJudge:
        place = device_of(case), case.policy
        if place not in self._begun:
            self._begun[place] = ModuleJudge(
                self._adapter(), self._sandbox, place[0], seconds=SECONDS,
                vendor=case.policy != "own-kernels",
            )  # fmt: skip
        return self._begun[place]


def run(
    cases: Sequence[RedCase],
    judges: Judges,
    roles: Sequence[Role] = ROLES,
    progress: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Judges what this machine can run, in the roles given."""
    found = []
    for case in cases:
        for role in roles if not missing(case) else ():
            found.append(judges.result(case, role))
            progress(found[-1])
    return found


def device_of(case: RedCase) -> str:
    """Where a case is judged."""
    return "cuda:0" if "cuda" in case.needs else "cpu"


def result_of(case: RedCase, role: Role, verdict: Verdict) -> Result:
    """What a verdict says of a candidate."""
    notes = [*verdict.diagnostics, *(d for w in verdict.workloads for d in w.diagnostics)]
    reasons = {d.code for d in notes if d.code}
    labels = [label for w in verdict.workloads for label in w.labels]
    reasons |= {label.partition(":")[0] for label in labels}
    if any(w.mismatches for w in verdict.workloads):
        reasons.add("wrong-values")
    timings = [w.timing for w in verdict.workloads if w.timing is not None]
    win = any(t.win for t in timings) and "degenerate" not in reasons
    if verdict.correct and not win:
        reasons.add(NO_WIN)
    said = [d.message for d in notes] + labels
    said += [m.pattern for w in verdict.workloads for m in w.mismatches if m.pattern]
    return Result(
        case, role, verdict.correct, win, frozenset(reasons), " ".join(said)[:300],
        timings[0].speedup if timings else None,
    )  # fmt: skip


def rows(cases: Sequence[RedCase], results: Sequence[Result]) -> list[Row]:
    """Counts, one row a class, in the order of the cases."""
    made = []
    for kind in dict.fromkeys(c.kind for c in cases):
        absent = [missing(c) for c in cases if c.kind == kind and missing(c)]
        mine = [r for r in results if r.case.kind == kind]
        hostile = [r for r in mine if r.role != "honest"]
        twins = [r for r in mine if r.role == "honest"]
        made.append(
            Row(
                kind, len(hostile), sum(not r.accepted for r in hostile),
                sum(r.named for r in hostile), len(twins), sum(r.correct for r in twins),
                len(absent), "; ".join(sorted(set(absent))),
            )
        )  # fmt: skip
    return made
