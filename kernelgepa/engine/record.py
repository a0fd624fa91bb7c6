"""What a run has done, in its journal; and what of it a resumed run need not do again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from kernelgepa.candidate import Candidate
from kernelgepa.engine.decision import Decision, Outcome
from kernelgepa.engine.journal import Journal
from kernelgepa.engine.result import TaskResult
from kernelgepa.engine.state import State, uses
from kernelgepa.engine.terse import read_verdict, terse_verdict
from kernelgepa.errors import InputError
from kernelgepa.protocols import Attempt, Proposal
from kernelgepa.serial import from_plain, to_plain
from kernelgepa.task import Task
from kernelgepa.verdict import Verdict

TOLD = 8_000  # most characters of a feedback text that are kept


class Record:
    """Writes each thing once: what the journal holds already is not written again.

    `decisions`, `proposals` and `lost` (reservations of calls that were under way when the run was
    killed) are by number of the step; `verdicts` and `rejudged` by task and candidate.
    """

    def __init__(self, journal: Journal, versions: Mapping[str, str]) -> None:
        self._journal, self._versions = journal, dict(versions)
        self.seeds: dict[str, tuple[str, str]] = {}
        self.decisions: dict[int, Decision] = {}
        self.proposals: dict[int, Proposal] = {}
        self.verdicts: list[tuple[str, Verdict]] = []
        self.rejudged: dict[tuple[str, str], Verdict] = {}
        self.lost: list[float] = []
        self.folded = 0
        self.seconds = 0.0
        self._calling: dict[int, float] = {}
        self._told: set[str] = set()
        for number, event in enumerate(journal.events(), 1):
            try:
                self._read(event)
            except (KeyError, ValueError, TypeError) as error:
                raise InputError(
                    f"{journal.directory}: event {number} of the journal is damaged "
                    f"({type(error).__name__}: {error}); restore it or start a new run"
                ) from error
        self.lost += self._calling.values()
        for number, ceiling in self._calling.items():
            journal.append("lost", step=number, usd=ceiling)

    def _read(self, event: Mapping[str, Any]) -> None:
        kind = event.get("event")
        if kind == "seed":
            self.seeds[event["task"]] = (event["digest"], event["candidate"])
        elif kind == "decided":
            decision = from_plain(Decision, event["decision"])
            self.decisions[decision.number] = decision
        elif kind == "feedback":
            self._told.add(event["name"])
        elif kind == "calling":
            self._calling[event["step"]] = event["usd"]
        elif kind == "lost":
            self.lost.append(self._calling.pop(event["step"]))
        elif kind == "not called":
            self._calling.pop(event["step"], None)
        elif kind == "proposed":
            self.proposals[event["step"]] = from_plain(Proposal, event["proposal"])
            self._calling.pop(event["step"], None)
        elif kind == "judged":
            self.verdicts.append((event["task"], self._verdict(event)))
        elif kind == "folded":
            self.folded = event["folded"]
            self.seconds = event["seconds"]
        elif kind == "rejudged":
            found = self._verdict(event)
            self.rejudged[event["task"], found.candidate] = found

    def _verdict(self, event: Mapping[str, Any]) -> Verdict:
        found = read_verdict(event["verdict"])
        return found if found.versions else replace(found, versions=self._versions)

    def _terse(self, verdict: Verdict) -> Any:
        """Without what the start of the run says of its versions."""
        same = dict(verdict.versions) == self._versions
        return terse_verdict(replace(verdict, versions={}) if same else verdict)

    def decided(self, decision: Decision, told: Sequence[str] = ()) -> None:
        """Before anything of the step is done. `told`: the feedback its proposer is given."""
        plain = to_plain(decision, terse=True)
        names = [self._text(text) for text in told]
        self._journal.append("decided", decision=plain, **({"feedback": names} if names else {}))

    def _text(self, text: str) -> str:
        """The name of a feedback text, which is written where it is a new one."""
        name = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
        if name not in self._told:
            self._told.add(name)
            left = len(text) - TOLD
            kept = text if left <= 0 else f"{text[:TOLD]}\n[{left:,} more characters]"
            self._journal.append("feedback", name=name, text=kept)
        return name

    def differs(self, decision: Decision) -> NoReturn:
        """A decision made once more is another. Raises InputError."""
        raise InputError(
            f"run {self._journal.directory}: step {decision.number} was decided otherwise by the "
            "version that began this run; resume it with that version"
        )

    def seed(self, task: Task, seed: Candidate) -> None:
        """What a task begins with. Raises InputError where it has begun with something else."""
        known = self.seeds.get(task.name)
        if known is None:
            components = dict(seed.components)
            self._journal.append(
                "seed",
                task=task.name,
                digest=task.digest,
                candidate=seed.id,
                components=components,
                workloads=list(uses(task, "pareto")),
                whole=task.correctness == "all",
            )
        elif known != (task.digest, seed.id):
            raise InputError(
                f"run {self._journal.directory}: task {task.name} has changed since the run began; "
                "start a new run"
            )

    def calling(self, decision: Decision) -> None:
        """Before a call that costs money; on disk before the call is made."""
        self._journal.append("calling", step=decision.number, usd=decision.ceiling)
        self._journal.checkpoint()

    def not_called(self, decision: Decision) -> None:
        """The call failed in a way that costs nothing."""
        self._journal.append("not called", step=decision.number)

    def proposed(self, decision: Decision, proposal: Proposal) -> None:
        """As soon as the answer is there."""
        plain = to_plain(proposal, terse=True)
        self._journal.append("proposed", step=decision.number, proposal=plain)
        if decision.ceiling is not None:
            self._journal.checkpoint()

    def judged(self, task: Task, candidate: Candidate, verdict: Verdict) -> None:
        self._journal.append("judged", task=task.name, verdict=self._terse(verdict))

    def fold(self, outcome: Outcome, attempt: Attempt | None, state: State, seconds: float) -> None:
        """What came of a step."""
        if state.folded <= self.folded:
            return
        child = outcome.candidate
        self._journal.append(
            "folded",
            step=outcome.decision.number,
            folded=state.folded,
            task=outcome.decision.task,
            candidate=child.id if child else None,
            parents=list(child.parents) if child else [],
            origin=outcome.proposal.origin,
            note=outcome.proposal.note,
            failure=outcome.proposal.failure,
            new=attempt is not None,
            accepted=bool(attempt and attempt.accepted),
            rollouts=outcome.rollouts if attempt else 0,
            spent=to_plain(state.spend, terse=True),
            seconds=round(seconds, 3),
        )

    def confirmed(self, task: Task, verdict: Verdict) -> None:
        self._journal.append("rejudged", task=task.name, verdict=self._terse(verdict))

    def ended(self, state: State, found: Mapping[str, TaskResult]) -> None:
        """Nothing more will be decided under these budgets."""
        best = {
            name: {"candidate": t.best.candidate.id, "speedup": t.speedup, "confirmed": t.confirmed}
            for name, t in found.items()
        }
        self._journal.append("end", stopped=state.stopped, best=best, spent=to_plain(state.spend))
        self._journal.checkpoint()
