"""The GEPA loop, shortest real form: select, feedback, propose, evaluate, accept, record.

It knows nothing of kernels: targets, proposers, feedback and judges are passed in.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from kernelgepa.archive import Archive, geometric_mean, speedups
from kernelgepa.candidate import Candidate
from kernelgepa.evaluator import Evaluator
from kernelgepa.journal import Journal
from kernelgepa.protocols import Attempt, Feedback, Proposal, Proposer
from kernelgepa.serial import to_plain
from kernelgepa.task import Task
from kernelgepa.verdict import Verdict

FRUITLESS = 6  # proposals in a row without a new candidate, after which the run ends


@dataclass(frozen=True)
class Step:
    """What happened to one proposal; `attempt` is None where there was no new candidate."""

    number: int
    proposal: Proposal
    attempt: Attempt | None
    gain: float  # geometric-mean speedup of the attempt over the seed


@dataclass(frozen=True)
class Result:
    """What a run found. `best` has been judged once more under a new secret where `confirmed`."""

    task: Task
    seed: Attempt
    best: Attempt
    front: tuple[Attempt, ...]
    attempts: tuple[Attempt, ...]
    speedup: float  # geometric mean over workloads, of cost: seed / best
    confirmed: bool


Watcher = Callable[[Step], None]


def run(
    task: Task,
    seed: Candidate,
    proposer: Proposer,
    feedback: Feedback,
    evaluator: Evaluator,
    journal: Journal,
    budget: int,
    random_seed: int = 0,
    watch: Watcher = lambda step: None,
) -> Result:
    """Evaluates the seed and at most `budget` further candidates. Raises InfrastructureError."""
    rng = random.Random(random_seed)
    first = Attempt(seed, evaluator.one(task, seed), True)
    archive, spent, fruitless = Archive([first]), 0, 0
    history, exhausted = [first], set[str]()
    _record(journal, "seed", first)
    while spent < budget and fruitless < FRUITLESS:
        parent = _select(archive, exhausted, rng)
        if parent is None:
            break
        text = feedback.text(task, parent, history)
        proposal = proposer.propose(task, parent, text, history)
        child = _candidate(proposal, parent)
        if child is None or any(child.id == a.candidate.id for a in history):
            fruitless += 1
            exhausted.add(parent.candidate.id)
            _refused(journal, proposal, parent, child)
            watch(Step(spent, proposal, None, 0.0))
            continue
        fruitless, spent = 0, spent + 1
        verdict = evaluator.one(task, child)
        attempt = Attempt(child, verdict, archive.accepts(parent.verdict, verdict))
        history.append(attempt)
        if attempt.accepted:
            archive.attempts.append(attempt)
        _record(journal, "attempt", attempt, proposal)
        watch(Step(spent, proposal, attempt, gain(first.verdict, verdict)))
    return _finish(task, archive, history, evaluator, journal)


def gain(base: Verdict, verdict: Verdict) -> float:
    """Geometric-mean speedup over the workloads both have; 0 where the verdict is not correct."""
    if not verdict.correct:
        return 0.0
    return geometric_mean(list(speedups(base, verdict).values()))


def _select(archive: Archive, exhausted: set[str], rng: random.Random) -> Attempt | None:
    """A parent from the front, in proportion to the workloads it leads."""
    leaders = [(a, n) for a, n in archive.leaders() if a.candidate.id not in exhausted]
    if not leaders:
        return None
    return rng.choices([a for a, _ in leaders], [n for _, n in leaders])[0]


def _candidate(proposal: Proposal, parent: Attempt) -> Candidate | None:
    if proposal.components is None:
        return None
    return Candidate(proposal.components, (parent.candidate.id,), proposal.origin, proposal.note)


def _finish(
    task: Task, archive: Archive, history: list[Attempt], evaluator: Evaluator, journal: Journal
) -> Result:
    """The best that is still correct under a new secret."""
    first = archive.attempts[0]
    confirmed = False
    while True:
        best = archive.best()
        if not best.verdict.correct:
            break
        again = evaluator.again(task, best.candidate)
        journal.append("rejudged", candidate=best.candidate.id, correct=again.correct)
        if again.correct or best is first:
            confirmed = again.correct
            break
        archive.attempts.remove(best)
    speedup = gain(first.verdict, best.verdict)
    journal.append("end", best=best.candidate.id, speedup=speedup, confirmed=confirmed)
    journal.checkpoint()
    front = tuple(archive.front())
    return Result(task, first, best, front, tuple(history), speedup, confirmed)


def _record(
    journal: Journal, kind: str, attempt: Attempt, proposal: Proposal | None = None
) -> None:
    candidate = attempt.candidate
    journal.append(
        kind,
        candidate=candidate.id,
        components=dict(candidate.components),
        parents=list(candidate.parents),
        origin=candidate.origin,
        note=candidate.note,
        citations=list(proposal.citations) if proposal else [],
        accepted=attempt.accepted,
        verdict=to_plain(attempt.verdict),
    )


def _refused(
    journal: Journal, proposal: Proposal, parent: Attempt, child: Candidate | None
) -> None:
    journal.append(
        "proposal_without_candidate",
        parent=parent.candidate.id,
        origin=proposal.origin,
        note=proposal.note,
        seen_before=child.id if child else None,
    )
