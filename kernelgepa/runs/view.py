"""A run as its journal tells it, for people: nothing is loaded but the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast

from kernelgepa.candidate import Candidate
from kernelgepa.engine.archive import Archive
from kernelgepa.engine.budget import Spend
from kernelgepa.engine.decision import Decision
from kernelgepa.engine.finish import holds
from kernelgepa.engine.journal import read
from kernelgepa.engine.score import gain
from kernelgepa.engine.terse import read_verdict
from kernelgepa.errors import InputError
from kernelgepa.protocols import Attempt, Proposal
from kernelgepa.runs.start import Start, started
from kernelgepa.serial import from_plain
from kernelgepa.verdict import Verdict

STAGES = {
    0: "refused before compiling",
    1: "does not compile",
    2: "cannot be placed on the target",
    3: "trapped while running",
    4: "wrong values",
}
Outcome = Literal[
    "accepted", "no gain", "compare", "run", "build", "compile", "refused", "seen", "none"
]
NO_GAIN = "no better than its parent"
SEEN = "seen before"


@dataclass(frozen=True)
class Entry:
    """One step that made a candidate; the seed is step 0."""

    step: int
    attempt: Attempt
    proposal: Proposal | None
    gain: float  # over the seed; 0 where there is none

    @property
    def id(self) -> str:
        return self.attempt.candidate.id


@dataclass(frozen=True)
class Folded:
    """A step, whatever came of it. `outcome` is a word of `Outcome`."""

    step: int
    task: str
    candidate: str  # "" where there is none
    outcome: Outcome
    failure: str  # class, where no candidate came of it
    origin: str
    note: str
    seconds: float  # of the run so far, measured
    decision: Decision
    proposal: Proposal | None
    told: tuple[str, ...] = ()  # the feedback its proposer was given


@dataclass
class TaskView:
    """What a run has done for one task."""

    name: str
    digest: str
    entries: dict[str, Entry]
    archive: Archive
    workloads: tuple[str, ...] = ()  # the axes of its archive
    whole: bool = True
    confirmed: dict[str, bool] = field(default_factory=dict)

    @property
    def seed(self) -> Entry:
        return next(iter(self.entries.values()))

    @property
    def best(self) -> Entry:
        """The best that has not failed on fresh inputs."""
        failed = {name for name, good in self.confirmed.items() if not good}
        if not failed:
            return self.entries[self.archive.best().candidate.id]
        kept = [e for e in self.entries.values() if e.attempt.accepted and e.id not in failed]
        ranks = self.archive.ranks()
        return max(kept, key=lambda e: ranks[e.id])

    def line(self, entry: Entry) -> list[Entry]:
        """The entry's ancestors by first parent, the seed first, and itself."""
        found = [entry]
        while found[0].attempt.candidate.parents:
            parent = self.entries.get(found[0].attempt.candidate.parents[0])
            if parent is None:
                break
            found.insert(0, parent)
        return found


@dataclass
class RunView:
    """What a run has done."""

    directory: Path
    start: Start
    tasks: dict[str, TaskView] = field(default_factory=dict)
    steps: list[Folded] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    spend: Spend = field(default_factory=Spend)
    stopped: str = ""
    seconds: float = 0.0

    def task(self, name: str) -> TaskView:
        """Raises InputError where the run has no such task."""
        if not name and len(self.tasks) == 1:
            return next(iter(self.tasks.values()))
        if name not in self.tasks:
            known = ", ".join(self.tasks)
            asked = f"no task {name!r} in" if name else "say which task with --task of"
            raise InputError(f"{asked} run {self.directory}; it has: {known}")
        return self.tasks[name]


def view(directory: Path) -> RunView:
    """Reads a run, finished or not. Raises InputError where it is none, or damaged."""
    made = RunView(directory, started(directory))
    reader = _Reader(made)
    try:
        for event in read(directory):
            reader.take(event)
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        raise InputError(
            f"the journal of {directory} is damaged ({type(error).__name__}: {error})"
        ) from error
    return made


class _Reader:
    """Folds events into a view."""

    def __init__(self, made: RunView) -> None:
        self._made = made
        self._verdicts: dict[tuple[str, str], Verdict] = {}
        self._proposals: dict[int, Proposal] = {}
        self._decisions: dict[int, Decision] = {}
        self._texts: dict[str, str] = {}
        self._told: dict[int, tuple[str, ...]] = {}
        self._seeds: dict[str, Mapping[str, Any]] = {}

    def take(self, event: Mapping[str, Any]) -> None:
        kind = event["event"]
        if kind == "seed":
            self._seeds[event["task"]] = event
        elif kind == "decided":
            decision = from_plain(Decision, event["decision"])
            self._decisions[decision.number] = decision
            self._told[decision.number] = tuple(self._texts[n] for n in event.get("feedback", ()))
        elif kind == "feedback":
            self._texts[event["name"]] = event["text"]
        elif kind == "proposed":
            self._proposals[event["step"]] = from_plain(Proposal, event["proposal"])
        elif kind == "judged":
            self._judged(event["task"], read_verdict(event["verdict"]))
        elif kind == "folded":
            self._folded(event)
        elif kind == "rejudged":
            found = read_verdict(event["verdict"])
            task = self._made.tasks[event["task"]]
            first = task.entries[found.candidate].attempt.verdict
            task.confirmed[found.candidate] = holds(first, found)
        elif kind == "end":
            self._made.stopped = event["stopped"]

    def _judged(self, task: str, verdict: Verdict) -> None:
        known = self._verdicts.get((task, verdict.candidate))
        if known is not None:
            verdict = replace(verdict, workloads=(*known.workloads, *verdict.workloads))
        self._verdicts[task, verdict.candidate] = verdict
        seed = self._seeds[task]
        if task not in self._made.tasks and verdict.candidate == seed["candidate"]:
            archive = Archive(seed["workloads"], seed["whole"], self._made.start.rules.ties)
            attempt = Attempt(Candidate(seed["components"]), verdict, True)
            archive.add(attempt)
            entries = {seed["candidate"]: Entry(0, attempt, None, float(verdict.correct))}
            self._made.tasks[task] = TaskView(
                task, seed["digest"], entries, archive, tuple(seed["workloads"]), seed["whole"]
            )
            if not self._made.steps:  # each step says what all before it have taken
                self._made.spend.rollouts += len(seed["workloads"])

    def _folded(self, event: Mapping[str, Any]) -> None:
        made = self._made
        made.spend = from_plain(Spend, event["spent"])
        made.seconds = event["seconds"]
        if not event["new"]:
            made.failures[event["failure"] or (SEEN if event["candidate"] else "no proposal")] += 1
            self._step(event, "seen" if event["candidate"] else "none")
            return
        task = made.tasks[event["task"]]
        verdict = self._verdicts[event["task"], event["candidate"]]
        candidate = self._candidate(task, event)
        attempt = Attempt(candidate, verdict, event["accepted"])
        base = task.seed.attempt.verdict
        speed = gain(base, verdict) if verdict.correct else 0.0
        proposal = self._proposals.get(event["step"])
        task.entries[candidate.id] = Entry(event["step"], attempt, proposal, speed)
        if attempt.accepted:
            task.archive.add(attempt)
            self._step(event, "accepted")
        else:
            made.failures[NO_GAIN if verdict.correct else STAGES[int(verdict.stage)]] += 1
            named = "no gain" if verdict.correct else verdict.stage.name.lower()
            self._step(event, cast(Outcome, named))

    def _step(self, event: Mapping[str, Any], outcome: Outcome) -> None:
        step = event["step"]
        self._made.steps.append(
            Folded(
                step, event["task"], event["candidate"] or "", outcome, event["failure"],
                event["origin"], event["note"], event["seconds"], self._decisions[step],
                self._proposals.get(step), self._told.get(step, ()),
            )
        )  # fmt: skip

    def _candidate(self, task: TaskView, event: Mapping[str, Any]) -> Candidate:
        proposal = self._proposals.get(event["step"])
        if proposal is not None and proposal.components is not None:
            components = proposal.components
        else:
            sides = self._decisions[event["step"]].sides
            known = {n: e.attempt.candidate.components for n, e in task.entries.items()}
            components = {name: known[side][name] for name, side in sides}
        return Candidate(components, tuple(event["parents"]), event["origin"], event["note"])
