"""The state of a run: a fold over its decisions and outcomes, in order. Nothing else changes it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from kernelgepa.candidate import Candidate
from kernelgepa.engine.archive import Archive
from kernelgepa.engine.budget import Spend
from kernelgepa.engine.decision import Decision, Outcome
from kernelgepa.engine.lessons import Memory, of_proposal, signature
from kernelgepa.engine.score import gain
from kernelgepa.protocols import Attempt, Example
from kernelgepa.task import Task, Use
from kernelgepa.verdict import Verdict

FRUITLESS = 6  # proposals in a row without a new candidate, after which a task is left


def uses(task: Task, use: Use) -> tuple[str, ...]:
    """Names of the workloads marked with `use`; all that are not hidden where none is."""
    marked = tuple(w.name for w in task.workloads if use in w.uses)
    return marked or tuple(w.name for w in task.workloads if "hidden" not in w.uses)


def visible(task: Task) -> tuple[str, ...]:
    """Names of the workloads that accepted candidates are judged on."""
    wanted = {*uses(task, "pareto"), *uses(task, "feedback")}
    return tuple(w.name for w in task.workloads if w.name in wanted)


@dataclass
class TaskState:
    """One task of a run."""

    task: Task
    archive: Archive
    attempts: list[Attempt]  # everything judged, the seed first
    pareto: tuple[str, ...]
    feedback: tuple[str, ...]
    visible: tuple[str, ...]
    known: dict[str, Candidate]
    accepted: dict[str, Attempt]
    exhausted: set[str] = field(default_factory=set)
    crossed: set[tuple[str, str]] = field(default_factory=set)
    merged: set[tuple[str, str]] = field(default_factory=set)
    merges_due: int = 0
    decided: int = 0
    open: int = 0
    next_component: dict[str, int] = field(default_factory=dict)
    fruitless: int = 0
    gains: list[float] = field(default_factory=list)  # progress of the archive, per outcome
    begun: float = 0.0  # progress of the seed
    closed: str = ""  # why no more is proposed
    # Of which edit the example was made, and the example: each request of other tasks asks for it.
    example: tuple[Attempt, Attempt, Example | None] | None = None

    @property
    def seed(self) -> Attempt:
        return self.attempts[0]

    def attempt(self, candidate: str) -> Attempt:
        return self.accepted[candidate]


def task_state(task: Task, seed: Candidate, verdict: Verdict, ties: float) -> TaskState:
    """A task whose seed has been judged."""
    pareto = uses(task, "pareto")
    archive = Archive(pareto, task.correctness == "all", ties)
    first = Attempt(seed, verdict, True)
    archive.add(first)
    return TaskState(
        task, archive, [first], pareto, uses(task, "feedback"), visible(task),
        {seed.id: seed}, {seed.id: first}, begun=archive.progress(),
    )  # fmt: skip


@dataclass
class State:
    """A run. `tasks` in the order they were given."""

    tasks: dict[str, TaskState]
    spend: Spend = field(default_factory=Spend)
    memory: Memory = field(default_factory=Memory)
    open: list[Decision] = field(default_factory=list)
    decided: int = 0
    folded: int = 0
    asked: dict[str, int] = field(default_factory=dict)  # hash of a request -> how often
    stopped: str = ""

    def decide(self, decision: Decision) -> None:
        """A step has been decided and is under way."""
        self.decided = decision.number
        self.open.append(decision)
        mine = self.tasks[decision.task]
        mine.decided += 1
        mine.open += 1
        if decision.request:
            self.asked[decision.request] = self.asked.get(decision.request, 0) + 1
        pair = (min(decision.parents), max(decision.parents))
        if decision.kind == "mutate":
            first = decision.parents[0]
            mine.next_component[first] = mine.next_component.get(first, 0) + 1
        elif decision.kind == "crossover":
            mine.crossed.add(pair)
        else:
            mine.merged.add(pair)
            mine.merges_due -= 1

    def fold(self, outcome: Outcome) -> Attempt | None:
        """Takes in the outcome of the oldest open step; the attempt it made, if any."""
        decision = outcome.decision
        if not self.open or self.open[0] != decision:
            raise ValueError(f"step {decision.number} is not the next to be folded")
        self.open.pop(0)
        self.folded += 1
        mine = self.tasks[decision.task]
        mine.open -= 1
        self.spend.add(outcome.proposal.usage)
        child = outcome.candidate
        if child is None or outcome.verdict is None or child.id in mine.known:
            self._nothing(mine, outcome)
            return None
        self.spend.candidates += 1
        self.spend.rollouts += outcome.rollouts
        return self._judged(mine, outcome, child, outcome.verdict)

    def _nothing(self, mine: TaskState, outcome: Outcome) -> None:
        """No new candidate."""
        proposal, parent = outcome.proposal, outcome.decision.parents[0]
        if outcome.decision.kind != "merge":
            mine.fruitless += 1
            if proposal.exhausted:
                mine.exhausted.add(parent)
            if proposal.failure:
                self.memory.failed(parent, of_proposal(proposal.failure, proposal.note), "")
        mine.gains.append(mine.archive.progress())
        if mine.fruitless >= FRUITLESS:
            mine.closed = f"{FRUITLESS} proposals in a row gave no new candidate"

    def _judged(
        self, mine: TaskState, outcome: Outcome, child: Candidate, verdict: Verdict
    ) -> Attempt:
        parent = outcome.decision.parents[0]
        accepted = outcome.passed and self._stands(mine, outcome, verdict)
        attempt = Attempt(child, verdict, accepted)
        mine.fruitless = 0
        mine.known[child.id] = child
        mine.attempts.append(attempt)
        note = child.note or child.origin
        if not verdict.correct and mine.task.correctness == "all":
            self.memory.failed(parent, signature(verdict), note)
        if accepted:
            mine.accepted[child.id] = attempt
            mine.archive.add(attempt)
            mine.next_component[child.id] = mine.next_component.get(parent, 0)
            mine.merges_due += 1
            self.memory.succeeded(parent, note)
        mine.gains.append(mine.archive.progress())
        return attempt

    def _stands(self, mine: TaskState, outcome: Outcome, verdict: Verdict) -> bool:
        """What passed on the minibatch must not be wrong elsewhere where its parent is right."""
        if mine.task.correctness == "each":
            return True
        parent = mine.accepted[outcome.decision.parents[0]].verdict
        return verdict.correct or not parent.correct

    def example(self, task: str, text: str) -> Example | None:
        """The best accepted edit of the task that is most like `text`, among the others."""
        found = [e for name, t in self.tasks.items() if name != task and (e := _example(t))]
        return max(found, key=lambda e: (_likeness(text, e.before), e.gain), default=None)


def _example(mine: TaskState) -> Example | None:
    """The edit that made the best of a task; None where that is the seed, or no better."""
    top = mine.archive.best()
    parent = mine.accepted.get(top.candidate.parents[0]) if top.candidate.parents else None
    if parent is None or not top.verdict.correct:
        return None
    told = mine.example
    if told is None or told[0] is not top or told[1] is not parent:
        mine.example = told = top, parent, _made_of(mine.task.name, top, parent)
    return told[2]


def _made_of(task: str, top: Attempt, parent: Attempt) -> Example | None:
    found = gain(parent.verdict, top.verdict)
    before, after = parent.candidate.components, top.candidate.components
    changed = next((n for n in after if after[n] != before.get(n)), None)
    if found <= 1.0 or changed is None:
        return None
    note = top.candidate.note or top.candidate.origin
    return Example(task, note, before.get(changed, ""), after[changed], found)


def _likeness(one: str, two: str) -> float:
    """Share of words that both have."""
    mine, other = _words(one), _words(two)
    return round(len(mine & other) / max(len(mine | other), 1), 2)


@lru_cache(maxsize=512)
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+|[^\w\s]", text))
