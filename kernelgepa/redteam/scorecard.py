"""Runs the red team's cases through the judge of measured kernels, and counts by class."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kernelgepa.candidate import Candidate
from kernelgepa.measured.judge import ModuleJudge
from kernelgepa.measured.modules import TorchAdapter
from kernelgepa.protocols import Sandbox
from kernelgepa.redteam.cases import NO_WIN, ROLES, RedCase, Role, missing
from kernelgepa.task import Interface, ModuleReference, Task, Workload
from kernelgepa.verdict import Verdict

SECONDS = 0.1  # of timing: as few rounds as there are, which tells a cheat's factor well enough
NOT_HERE = "not run here"


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


def run(
    cases: Sequence[RedCase],
    sandbox: Sandbox,
    roles: Sequence[Role] = ROLES,
    progress: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """Judges what this machine can run, in the roles given; a case's problem keeps its workers."""
    found = []
    for result in _results([c for c in cases if not missing(c)], sandbox, roles):
        progress(result)
        found.append(result)
    return found


def _results(cases: Sequence[RedCase], sandbox: Sandbox, roles: Sequence[Role]) -> Iterator[Result]:
    places = [(d, p) for d in ("cpu", "cuda:0") for p in sorted({c.policy for c in cases})]
    for device, policy in places:
        of_place = [c for c in cases if (device, policy) == (device_of(c), c.policy)]
        if not of_place:
            continue
        vendor = policy != "own-kernels"
        judge = ModuleJudge(TorchAdapter(), sandbox, device, seconds=SECONDS, vendor=vendor)
        try:
            for case in of_place:
                task = task_of(case)
                for role in roles:
                    verdict = judge.whole(task, Candidate.kernel(case.source(role)))
                    yield result_of(case, role, verdict)
        finally:
            judge.close()


def device_of(case: RedCase) -> str:
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
