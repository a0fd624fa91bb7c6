"""The GEPA loop: decide, work, fold. It knows nothing of kernels.

Decisions and outcomes alternate in an order that depends on the run's seed and on how many
proposals may be under way, never on timing or on the number of workers: outcomes are taken in
the order of their decisions. So a run can be replayed from its journal, and goes on from there
as if it had not been interrupted.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path

from kernelgepa.candidate import Candidate
from kernelgepa.engine.budget import Budget, Spend
from kernelgepa.engine.decision import Decision, Outcome
from kernelgepa.engine.finish import confirm
from kernelgepa.engine.result import Result, Step, Watcher, against_seed
from kernelgepa.engine.select import decide
from kernelgepa.engine.state import State, TaskState, task_state, visible
from kernelgepa.engine.steps import Parts, Worker, fingerprint, request
from kernelgepa.engine.workers import Workers
from kernelgepa.errors import InputError
from kernelgepa.protocols import Request
from kernelgepa.task import Task


def run(
    seeds: Sequence[tuple[Task, Candidate]],
    parts: Parts,
    budget: Budget,
    directory: Path,
    jobs: int = 1,
    watch: Watcher = lambda step: None,
) -> Result:
    """Optimises every task from its seed until a budget is spent or nothing is left to try.

    `jobs` is how many steps are worked on at once. Raises InfrastructureError, and InputError where
    a proposer cannot be called; what has been paid for is in the journal then.
    """
    with Workers(jobs) as workers:
        state, unusable = _seeds(seeds, parts, workers)
        Loop(state, parts, budget, workers, watch).go()
        found = confirm(state, parts, workers)
    parts.record.ended(state, found)
    return Result(found, state.spend, state.stopped, directory, unusable)


def _seeds(
    seeds: Sequence[tuple[Task, Candidate]], parts: Parts, workers: Workers
) -> tuple[State, Mapping[str, str]]:
    """The state before the first step, and the tasks that cannot be judged, with the reason."""
    for task, seed in seeds:
        parts.record.seed(task, seed)
    futures = [
        workers.submit(partial(parts.evaluator.on, task, seed, visible(task)))
        for task, seed in seeds
    ]
    tasks: dict[str, TaskState] = {}
    unusable: dict[str, str] = {}
    for (task, seed), future in zip(seeds, futures, strict=True):
        try:
            tasks[task.name] = task_state(task, seed, future.result(), parts.rules.ties)
        except InputError as error:
            if len(seeds) == 1:
                raise
            unusable[task.name] = str(error)
    if not tasks:
        first = next(iter(unusable.values()))
        raise InputError(f"none of the {len(seeds)} tasks can be judged: {first}")
    rollouts = sum(len(visible(t.task)) for t in tasks.values())
    return State(tasks, Spend(rollouts=rollouts)), unusable


class Loop:
    """The steps of a run."""

    def __init__(
        self, state: State, parts: Parts, budget: Budget, workers: Workers, watch: Watcher
    ) -> None:
        self._state, self._parts, self._budget = state, parts, budget
        self._workers, self._watch = workers, watch
        known = {n: t.known for n, t in state.tasks.items()}
        self._worker = Worker(parts, known, self._still_covered)
        self._folding = threading.Lock()  # held where the state's spend and open steps change
        self._under_way: deque[Future[Outcome | None]] = deque()
        self._begun = time.monotonic() - parts.record.seconds
        for reserved in parts.record.lost:
            state.spend.lose(reserved)

    def go(self) -> None:
        """Until nothing more can be decided and everything decided is folded."""
        try:
            while True:
                if self._next():
                    continue
                if not self._under_way:
                    break
                self._fold()
        except Exception:
            self._drain()
            raise
        known = self._parts.record.decisions.get(self._state.decided + 1)
        if known is not None:
            self._parts.record.differs(known)

    def _drain(self) -> None:
        """What is being paid for is waited for and recorded; nothing new is begun."""
        self._worker.stop()
        for future in self._under_way:
            future.exception()

    def _next(self) -> bool:
        """Decides the next step, where one can be decided now, and has it worked on."""
        state, record = self._state, self._parts.record
        known = record.decisions.get(state.decided + 1)
        if known is None:
            found = self._decide()
        elif known.folded > state.folded:
            return False
        else:
            found = self._again(known)
        if found is None:
            return False
        decision, asked = found
        if known is None:
            texts = (asked.feedback, asked.partner_feedback) if asked else ()
            record.decided(decision, [t for t in texts if t])
        mine = state.tasks[decision.task]
        with self._folding:
            state.decide(decision)
        self._under_way.append(
            self._workers.submit(partial(self._worker.work, mine, decision, asked))
        )
        return True

    def _again(self, known: Decision) -> tuple[Decision, Request | None]:
        """A decision the journal holds, made once more. Raises InputError where it is another."""
        made = decide(self._state, self._parts.rules, self._parts.proposer.crosses)
        kept = replace(known, ceiling=None, request="", asked_before=0)
        if made != kept:
            self._parts.record.differs(known)
        if known.number in self._parts.record.proposals or known.kind == "merge":
            return known, None
        asked = request(self._state, known, self._parts.feedback)
        return known, replace(asked, asked_before=known.asked_before)

    def _decide(self) -> tuple[Decision, Request | None] | None:
        """A new decision within the budgets."""
        state = self._state
        made = decide(state, self._parts.rules, self._parts.proposer.crosses)
        reason = self._limit() or ("" if made else "nothing is left to try")
        if reason and not state.open:
            state.stopped = reason
        if reason or made is None:
            return None
        if made.kind == "merge":
            return made, None
        asked = request(state, made, self._parts.feedback)
        name = fingerprint(asked)
        asked = replace(asked, asked_before=state.asked.get(name, 0))
        ceiling = self._parts.proposer.ceiling(asked)
        if not self._covered(ceiling):
            return None
        made = replace(made, ceiling=ceiling, request=name, asked_before=asked.asked_before)
        return made, asked

    def _limit(self) -> str:
        """Why a further step might overspend, or nothing."""
        state, budget = self._state, self._budget
        waiting = len(state.open)
        if state.spend.candidates + waiting >= budget.candidates:
            return f"budget of {budget.candidates} candidates spent"
        if budget.rollouts is not None:
            most = max(len(t.visible) for t in state.tasks.values())
            if state.spend.rollouts + (waiting + 1) * most > budget.rollouts:
                return f"budget of {budget.rollouts} rollouts does not cover another candidate"
        if budget.minutes is not None and self._seconds() > budget.minutes * 60:
            return f"budget of {budget.minutes:g} minutes spent"
        return ""

    def _seconds(self) -> float:
        return time.monotonic() - self._begun

    def _covered(self, ceiling: float | None) -> bool:
        """Whether what is left of the dollars covers another call."""
        state, limit = self._state, self._budget.usd
        if limit is None or not ceiling:
            return True
        reserved = sum(d.ceiling or 0.0 for d in state.open)
        if state.spend.charged + reserved + ceiling <= limit:
            return True
        if not state.open:
            charged = state.spend.charged
            state.stopped = (
                f"the ${limit - charged:.4f} left of ${limit:g} do not cover another call, which "
                f"may cost ${ceiling:.4f}"
                if charged <= limit
                else f"${charged:.4f} was charged, more than ${limit:g}: the server counted more "
                "tokens than the prompts and --max-tokens allow"
            )
        return False

    def _still_covered(self, over: Mapping[int, float]) -> bool:
        """Whether the dollars cover what is reserved, and what steps cost beyond that."""
        state, limit = self._state, self._budget.usd
        with self._folding:
            reserved = sum((d.ceiling or 0.0) + over.get(d.number, 0.0) for d in state.open)
            return limit is None or state.spend.charged + reserved <= limit

    def _fold(self) -> None:
        """Takes in the outcome of the oldest step."""
        outcome = self._under_way[0].result()
        assert outcome is not None
        self._under_way.popleft()
        state, record = self._state, self._parts.record
        replayed = state.folded < record.folded
        with self._folding:
            attempt = state.fold(outcome)
        record.fold(outcome, attempt, state, self._seconds())
        mine = state.tasks[outcome.decision.task]
        made = against_seed(mine.task, mine.seed, attempt) if attempt else 0.0
        spend = replace(state.spend)
        self._watch(Step(outcome, attempt, made, mine.archive.gain(), spend, replayed))
