"""The work of one step, done in a worker: propose, evaluate, compare with the parent."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kernelgepa.candidate import Candidate
from kernelgepa.engine.decision import Decision, Outcome
from kernelgepa.engine.evaluator import Evaluator
from kernelgepa.engine.gate import not_worse, passes
from kernelgepa.engine.record import Record
from kernelgepa.engine.score import part
from kernelgepa.engine.select import Rules
from kernelgepa.engine.state import State, TaskState
from kernelgepa.errors import InputError
from kernelgepa.protocols import Attempt, Feedback, Proposal, Proposer, Request

MERGE = "merge"
UNPAID = "no dollars left"


@dataclass(frozen=True)
class Parts:
    """What a run is put together from."""

    proposer: Proposer
    feedback: Feedback
    evaluator: Evaluator
    record: Record
    rules: Rules


def request(state: State, decision: Decision, feedback: Feedback) -> Request:
    """What the proposer is given. A function of the state at the time of the decision."""
    mine = state.tasks[decision.task]
    parents = [_shown(mine, name, decision) for name in decision.parents]
    told = [feedback.tell(mine.task, p, mine.attempts) for p in parents]
    several = len(parents) > 1
    leads = mine.archive.leads() if several else {}
    return Request(
        number=decision.number,
        task=mine.task,
        parent=parents[0],
        component=decision.component,
        feedback=told[0].text,
        history=tuple(mine.attempts),
        minibatch=decision.minibatch,
        partner=parents[1] if several else None,
        partner_feedback=told[1].text if several else "",
        citations=tuple(dict.fromkeys(c for t in told for c in t.citations)),
        leads={name: leads.get(name, ()) for name in decision.parents} if several else {},
        lessons=state.memory.shown(),
        example=state.example(decision.task, _text(parents[0], decision.component)),
    )


def _text(parent: Attempt, component: str) -> str:
    return parent.candidate.components.get(component, "")


def fingerprint(asked: Request) -> str:
    """Equal for requests that say the same."""
    said = (
        asked.task.name, asked.component, asked.parent.candidate.id, asked.feedback,
        asked.partner.candidate.id if asked.partner else "", asked.partner_feedback,
        *(part for lesson in asked.lessons for part in (lesson.signature, lesson.fixed)),
        asked.example.after if asked.example else "",
    )  # fmt: skip
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:16]


def _shown(mine: TaskState, name: str, decision: Decision) -> Attempt:
    """A parent with its verdict on the minibatch only."""
    known = mine.attempt(name)
    return Attempt(known.candidate, part(known.verdict, decision.minibatch), True)


class Worker:
    """Does steps; may be called from several threads."""

    def __init__(
        self,
        parts: Parts,
        known: Mapping[str, Mapping[str, Candidate]],
        covered: Callable[[Mapping[int, float]], bool] = lambda over: True,
    ) -> None:
        self._parts, self._known, self._covered = parts, known, covered
        self._stop = threading.Event()
        self._over: dict[int, float] = {}  # by step: dollars charged beyond what was reserved

    def stop(self) -> None:
        """Steps that have not begun yet are not done any more."""
        self._stop.set()

    def _paid(self, decision: Decision, proposal: Proposal) -> Proposal:
        """The same, noted where it cost more than was reserved for it."""
        over = (proposal.usage.usd or 0.0) - (decision.ceiling or 0.0)
        if decision.ceiling and over > 0:
            self._over[decision.number] = over
        return proposal

    def work(self, mine: TaskState, decision: Decision, asked: Request | None) -> Outcome | None:
        """What comes of a decision; None after `stop`.

        `asked` may be None where the journal holds the proposal. Raises InfrastructureError, and
        InputError where no call can succeed.
        """
        if self._stop.is_set():
            return None
        proposal = self._proposal(mine, decision, asked)
        child = _child(proposal, decision)
        if child is None or child.id in self._known[decision.task]:
            return Outcome(decision, proposal, child)
        return self._judged(mine, decision, proposal, child)

    def _proposal(self, mine: TaskState, decision: Decision, asked: Request | None) -> Proposal:
        if decision.kind == "merge":
            made = {n: mine.known[side].components[n] for n, side in decision.sides}
            return Proposal(made, MERGE, "components of two parents put together")
        known = self._parts.record.proposals.get(decision.number)
        if known is not None:
            return self._paid(decision, known)
        assert asked is not None
        record, paid = self._parts.record, decision.ceiling is not None
        if self._over and not self._covered(self._over):
            said = "calls before it cost all that was left"
            proposal = Proposal(None, self._parts.proposer.name, said, failure=UNPAID)
            record.proposed(decision, proposal)
            return proposal
        if paid:
            record.calling(decision)
        try:
            proposal = self._parts.proposer.propose(asked)
        except InputError:
            if paid:
                record.not_called(decision)
            raise
        if not proposal.citations:
            proposal = replace(proposal, citations=asked.citations)
        record.proposed(decision, proposal)
        return self._paid(decision, proposal)

    def _judged(
        self, mine: TaskState, decision: Decision, proposal: Proposal, child: Candidate
    ) -> Outcome:
        evaluate = self._parts.evaluator.on
        names, task = decision.minibatch, mine.task
        tried = evaluate(task, child, names)
        parents = [mine.attempt(p).verdict for p in decision.parents]
        if decision.kind == "merge":
            passed = not_worse(task, parents, tried, names)
        else:
            rules = self._parts.rules
            passed = passes(rules.gate, task, parents[0], tried, names, rules.ties)
        if not passed:
            return Outcome(decision, proposal, child, tried, False, len(names))
        whole = evaluate(task, child, mine.visible)
        return Outcome(decision, proposal, child, whole, True, len({*names, *mine.visible}))


def _child(proposal: Proposal, decision: Decision) -> Candidate | None:
    if proposal.components is None:
        return None
    return Candidate(proposal.components, decision.parents, proposal.origin, proposal.note)
