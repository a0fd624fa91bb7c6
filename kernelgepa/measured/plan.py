"""Which process is timed next, and when enough has been timed.

The judge starts PAIRS processes of the reference and as many of the candidate, and then

    plan = Plan.of(reference_seconds, seconds, buffer_bytes)
    while (block := plan.next()) is not None:
        plan.add([time_of(run) for run in block])
    plan.estimate.timing(device)

`time_of` is the seconds of all calls of the run. Blocks come in rounds: one of every pair, and one
of the first reference process against the second. A session ends after a round, once the verdict
is clear, once more blocks would tell nothing more, or at the end of its budget.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kernelgepa.measured.statistics import Block, Estimate, estimate

PAIRS = 3
LEAST_ROUNDS = 2  # one alone calls a kernel faster than itself once in 200 on a busy machine
LEAST_BLOCKS = 12  # of the candidate, where the budget allows and half as many leave doubt
MOST_BLOCKS = 60
RUN_SECONDS = 0.010
MOST_CALLS = 50
# A call of some microseconds takes far longer to prepare (inputs of its own, outputs kept): more
# than so many are not worth more than so much of that.
FEW_CALLS = 8
# What a GPU does beside its calls is told by the clock of who waits, which a message disturbs once.
GPU_CALLS = 100
BESIDE_SECONDS = 0.001
REFILL = 4e9  # bytes a second, for inputs drawn anew between runs
# Every look at unfinished data is one more chance to be fooled. The interval must be clear even
# when wider by this factor (that of 99.9 % confidence), which keeps the rate of the last look.
WIDENED = 1.28
SETTLED = 0.95
EARLY = 1.5  # the same once more, of a look at LEAST_ROUNDS alone

Role = Literal["reference", "candidate"]


@dataclass(frozen=True)
class Run:
    """Calls to time without a pause, in this process."""

    role: Role
    pair: int
    calls: int


class Plan:
    """A session of one candidate on one workload. Not to be shared between threads."""

    def __init__(self, calls: tuple[int, int], rounds: tuple[int, int], pairs: int = PAIRS) -> None:
        """Calls a run of reference and candidate; least and most rounds."""
        if pairs < 2 or min(calls) < 1 or not 1 <= rounds[0] <= rounds[1]:
            raise ValueError("a session has two pairs, one call a run and one round, at least")
        self.pairs = pairs
        self.calls: dict[Role, int] = {"reference": calls[0], "candidate": calls[1]}
        self.least, self.most = rounds
        self.done = False
        self._taken: list[Block] = []
        self._same: list[Block] = []
        self._number = 0  # of the next block
        self._estimate: Estimate | None = None
        self._look_at = min(self.least, LEAST_ROUNDS)

    @classmethod
    def of(
        cls,
        reference_seconds: float,
        seconds: float,
        buffer_bytes: int = 0,
        budget_seconds: float = 8.0,
        pairs: int = PAIRS,
        beside_seconds: float = 0.0,
        on_cpu: bool = True,
    ) -> Plan:
        """For calls that take so long, with inputs and outputs of so many bytes.

        `beside_seconds` is what a call takes beside its own time, for inputs of its own and for
        outputs that are kept: a short call is mostly that, and gets fewer calls a run.
        LEAST_ROUNDS are timed even where the budget does not allow it.
        """
        each = [s + beside_seconds for s in (reference_seconds, seconds)]
        worth = int(BESIDE_SECONDS / max(beside_seconds, 1e-9))
        few = min(MOST_CALLS, max(FEW_CALLS, worth)) if on_cpu else GPU_CALLS
        stretch = RUN_SECONDS if on_cpu else 5 * RUN_SECONDS
        calls = [min(few, max(1, math.ceil(stretch / s))) for s in each]
        if not on_cpu:  # what a message takes in all is then the same for both
            calls = 2 * [min(calls)]
        runs = [n * s for n, s in zip(calls, each, strict=True)]
        refill = buffer_bytes / REFILL
        one = pairs * (2 * sum(runs) + 4 * refill) + 4 * (runs[0] + refill)
        afford = max(LEAST_ROUNDS, int(budget_seconds / one))
        least, most = (math.ceil(blocks / pairs) for blocks in (LEAST_BLOCKS, MOST_BLOCKS))
        return cls((calls[0], calls[1]), (min(least, afford), min(most, afford)), pairs)

    def next(self) -> tuple[Run, Run, Run, Run] | None:
        """Four runs in the order in which to time them; None where the session is done."""
        if self.done:
            return None
        turn, place = divmod(self._number, self.pairs + 1)
        if place < self.pairs:
            pair = (place + turn) % self.pairs  # no pair is always the first
            first, second = self._run("reference", pair), self._run("candidate", pair)
        else:
            first, second = self._run("reference", 0), self._run("reference", 1)
        if (turn + first.pair) % 2:
            first, second = second, first
        return first, second, second, first

    def add(self, seconds: Sequence[float]) -> None:
        """The times of the four runs that `next` gave, each of all its calls.

        Raises ValueError where one is not finite and above 0, or where nothing was to be timed.
        """
        runs = self.next()
        if runs is None:
            raise ValueError("the session is done")
        each = [s / run.calls for s, run in zip(seconds, runs, strict=True)]
        outer, inner = (each[0], each[3]), (each[1], each[2])
        same = runs[0].role == runs[1].role
        swapped = runs[0].pair > runs[1].pair if same else runs[0].role == "candidate"
        if swapped:
            outer, inner = inner, outer
        block = Block.of(0 if same else runs[0].pair, outer, inner)
        (self._same if same else self._taken).append(block)
        self._number += 1
        if same:
            self._look()

    def extend(self) -> bool:
        """Goes on though the verdict was clear; whether the budget allows it."""
        rounds = len(self._same)
        self.done = rounds >= self.most
        self._look_at = min(self.most, math.ceil(rounds * 1.5))
        return not self.done

    @property
    def estimate(self) -> Estimate:
        """At the last look. Raises ValueError before the first."""
        if self._estimate is None:
            raise ValueError("too little has been timed")
        return self._estimate

    @property
    def same(self) -> Sequence[Block]:
        """A/A blocks so far."""
        return self._same

    def _look(self) -> None:
        """After a round; seldom, as each look costs a millisecond and is a chance to be fooled."""
        rounds = len(self._same)
        if rounds < self._look_at:
            return
        early = rounds < self.least
        self._look_at = self.least if early else min(self.most, math.ceil(rounds * 1.25))
        found = estimate(self._taken, self._same)
        self._estimate = found
        over = rounds >= self.most
        settled = found.settled > SETTLED or found.hopeless(rounds / self.most)
        if early:  # few blocks show little of what a burst does
            settled = found.hopeless(rounds / self.most, EARLY)
        self.done = over or found.clear(EARLY * WIDENED if early else WIDENED) or settled

    def _run(self, role: Role, pair: int) -> Run:
        return Run(role, pair, self.calls[role])
