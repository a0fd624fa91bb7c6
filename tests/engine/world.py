"""A world without kernels for the engine: candidates are JSON, costs are read from them.

The component "costs" holds {"workload": cost or null}; null is wrong on that workload.
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kernelgepa.candidate import Candidate
from kernelgepa.engine.budget import Budget
from kernelgepa.engine.evaluator import Evaluator
from kernelgepa.engine.journal import Journal
from kernelgepa.engine.loop import run
from kernelgepa.engine.record import Record
from kernelgepa.engine.result import Result, Step
from kernelgepa.engine.select import Rules
from kernelgepa.engine.steps import Parts
from kernelgepa.protocols import Attempt, Proposal, Proposer, Request, Told, Usage
from kernelgepa.task import Interface, Task, Workload
from kernelgepa.verdict import Quantity, Stage, Verdict, WorkloadVerdict

COSTS = "costs"


class NoReference:
    """Nothing in this world is computed."""

    def inputs(self, workload, rng, kind):
        raise AssertionError("the engine drew inputs")

    def outputs(self, workload, inputs):
        raise AssertionError("the engine asked for expected values")


def task(
    name: str = "t", workloads: Sequence[str] = ("a", "b", "c"), correctness="each", **uses
) -> Task:
    """`uses` by workload; by default feedback and pareto."""
    made = tuple(
        Workload(w, {}, uses=frozenset(uses.get(w, ("feedback", "pareto")))) for w in workloads
    )
    interface = Interface("f", ())
    return Task(
        name, "none", interface, made, NoReference(), {}, digest=name, correctness=correctness
    )


def candidate(costs: Mapping[str, float | None], *parents: str, salt: str = "") -> Candidate:
    text = json.dumps({"salt": salt, **costs} if salt else dict(costs))
    return Candidate({COSTS: text}, parents)


def costs_of(made: Candidate) -> dict[str, float | None]:
    read = json.loads(made.components[COSTS])
    read.pop("salt", None)
    return read


def verdict(
    costs: Mapping[str, float | None], names: Sequence[str], who: str = "x", task: str = "t"
) -> Verdict:
    workloads = tuple(
        WorkloadVerdict(n, Stage.CORRECT, 1.0, cost=Quantity(c, "cycles", "modelled"))
        if (c := costs.get(n)) is not None
        else WorkloadVerdict(n, Stage.COMPARE, 0.5)
        for n in names
    )
    return Verdict(who, task, workloads, versions={"world": "1"})


@dataclass
class WorldJudge:
    """Counts what it is asked."""

    policy: str = "strict"
    cost: Callable[[Candidate], Mapping[str, float | None]] = costs_of
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    again_wrong: frozenset[str] = frozenset()  # content of candidates that are wrong the next time
    lock: threading.Lock = field(default_factory=threading.Lock)

    def versions(self):
        return {"world": "1"}

    def fingerprint(self):
        return "none"

    def judge(self, task, candidate, workloads=None):
        shown = [w.name for w in task.workloads if "hidden" not in w.uses]
        names = [n for n in shown if workloads is None or n in workloads]
        with self.lock:
            self.asked += [(task.name, candidate.id, n) for n in names]
        return verdict(self.cost(candidate), names, candidate.id, task.name)

    def rejudge(self, task, candidate):
        names = [w.name for w in task.workloads]
        costs = self.cost(candidate)
        if candidate.id in self.again_wrong:
            costs = {}
        return verdict(costs, names, candidate.id, task.name)


class PlainFeedback:
    def tell(self, task: Task, attempt: Attempt, history: Sequence[Attempt]) -> Told:
        said = " ".join(
            f"{w.workload}={w.cost.value if w.cost else 'wrong'}" for w in attempt.verdict.workloads
        )
        return Told(said, (f"manual:{attempt.candidate.id}",))


@dataclass
class Wanderer:
    """Changes costs at random, by a hash of what it is asked: the same question, the same answer.

    Some answers are wrong, some repeat the parent, some are no candidate at all.
    """

    name: str = "wanderer"
    width: int = 1
    crosses: bool = False
    price: float | None = None  # of a call, in dollars; reserved is twice as much
    seen: list[Request] = field(default_factory=list)
    before: Callable[[Request], None] = lambda request: None

    def ceiling(self, request: Request) -> float | None:
        return None if self.price is None else 2 * self.price

    def propose(self, request: Request) -> Proposal:
        self.seen.append(request)
        self.before(request)
        parent = request.parent.candidate
        said = f"{parent.id}{request.component}{request.feedback}{request.asked_before}"
        rng = random.Random(hashlib.sha256(said.encode()).hexdigest())
        usage = Usage()
        if self.price is not None:
            usage = Usage(
                1, len(said), rng.randrange(100), self.price * rng.choice([0.5, 1.0, 2.0])
            )
        kind = rng.random()
        if kind < 0.1:
            return Proposal(None, self.name, "nothing useful", failure="prose", usage=usage)
        if kind < 0.15:
            return Proposal(dict(parent.components), self.name, "no change", usage=usage)
        costs = costs_of(parent)
        for name in rng.sample(sorted(costs), k=max(1, len(costs) // 2)):
            old = costs[name]
            costs[name] = (
                None if rng.random() < 0.1 else round((old or 100.0) * rng.uniform(0.7, 1.2), 3)
            )
        return Proposal({COSTS: json.dumps(costs)}, self.name, f"step of {kind:.3f}", usage=usage)


def optimise(
    folder: Path,
    tasks: Sequence[tuple[Task, Candidate]],
    proposer: Proposer,
    budget: Budget | int = 20,
    rules: Rules | None = None,
    jobs: int = 1,
    judge: WorldJudge | None = None,
    watch: Callable[[Step], None] = lambda step: None,
) -> Result:
    """A run in `folder`, begun or gone on with."""
    limit = Budget(budget) if isinstance(budget, int) else budget
    chosen = rules or Rules(width=proposer.width)
    with Journal(folder) as journal:
        record = Record(journal, {"world": "1"})
        evaluator = Evaluator(judge or WorldJudge(), None, record.judged)
        for name, found in record.verdicts:
            evaluator.remember(next(t for t, _ in tasks if t.name == name), found)
        parts = Parts(proposer, PlainFeedback(), evaluator, record, chosen)
        return run(tasks, parts, limit, folder, jobs, watch)


def decisions(folder: Path) -> list[object]:
    """What was decided, in order."""
    from kernelgepa.engine.journal import read  # noqa: PLC0415

    return [e["decision"] for e in read(folder) if e["event"] == "decided"]
