"""Times a candidate against its reference by turns, and checks what it computes meanwhile.

plan.py says which process is next. Every call has inputs never seen before, and outputs of secretly
chosen calls are compared with the reference's. A process can say of its own time what it likes:
hidden.py bounds what it may have left out.
"""

from __future__ import annotations

import statistics as stats
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from kernelgepa.measured.charged import charged
from kernelgepa.measured.hidden import OnCpu, OnGpu, Rejected, Seen, beside, flushes_for
from kernelgepa.measured.outputs import Answer
from kernelgepa.measured.plan import Plan
from kernelgepa.measured.plan import Run as Turn
from kernelgepa.measured.seat import FLUSHES, Run, Seat, Which
from kernelgepa.verdict import OF_REFERENCE, Diagnostic, Quantity, Timing

WARM = 3  # calls before anything counts
# A process that was just forked is 5 % slower in its first 40 calls of some microseconds: pages of
# its memory are not its own yet. So many are made first, where they take no longer than that.
SETTLED, SETTLING = 48, 0.005
MOST_FLUSHES = 32
LATE = 2.5  # times what launching took at first that a GPU is kept busy: the host varies
SURE = 32  # runs looked at before a candidate is said to hide work: a busy machine looks like it
# A device's memory holds far more outputs than can be fetched: so many runs are looked at in any
# case, others by a secret chance. On average looks take that share of the time or, where they are
# dear, as much as the timing may take, but no more than that share of the runs.
LOOKS, LOOKING, CHANCE = 4, 0.25, 0.125
_PARTS = 1 << 20  # of a chance
LOOK_SECONDS = 0.01  # of a look, in which at least one call is looked at
LOOK_CALL, LOOK_BYTES = 1e-3, 5e8  # what the first one is taken for: seconds, bytes a second
# A candidate's process is stopped while the reference is timed, and what it has left running on a
# GPU is not: a reference slower by more than this factor than before counts as if it were not.
SLOWED = 1.1


@dataclass(frozen=True)
class Fresh:
    """Seeds of what is new in a run."""

    weights: int | None = None  # other parameters, where they can be changed
    sets: Sequence[int] = ()  # of inputs, where they cannot be mixed


@dataclass(frozen=True)
class Bench:
    """Processes with modules in them, as many of the reference as of the candidate, and the judge's
    part in a block."""

    references: tuple[Seat, ...]
    candidates: tuple[Seat, ...]
    calls: Callable[[int], list[Which]]  # inputs of a block's calls, new ones every time
    chosen: Callable[[int], int]  # which call of a block is looked at; a secret until it is over
    # A reference, a call's inputs; the candidate's outputs, the reference's.
    check: Callable[[Seat, Which, Answer, Answer], Diagnostic | None]
    refresh: Callable[[], Fresh]  # before runs
    device: str
    budget: float  # seconds
    buffer_bytes: int  # inputs and outputs of a call
    most_calls: int  # of a block, so that their outputs can be kept
    flushes: int = FLUSHES  # of a GPU's cache before a call
    alone: float | None = None  # seconds of a call of the reference before a candidate was there

    def seat(self, turn: Turn) -> Seat:
        return (self.references if turn.role == "reference" else self.candidates)[turn.pair]


def alone(references: Sequence[Seat], calls: Callable[[int], list[Which]]) -> float:
    """Seconds of a call of the reference while there is no candidate. Raises Failed."""
    runs = [seat.run(calls(count)) for seat in references for count in (WARM, WARM)]
    return stats.median(run.each for run in runs[1::2])


def timing(bench: Bench, floor: float | None = None) -> Timing:
    """The comparison. Raises Rejected, and Failed where a process ends."""
    for seat in (*bench.references, *bench.candidates):
        seat.run(bench.calls(WARM))
    first = [s[0].run(bench.calls(WARM)) for s in (bench.references, bench.candidates)]
    on_cpu = bench.device == "cpu"
    more = min(SETTLED, int(SETTLING * WARM / max(run.wall for run in first)))
    if on_cpu and more > WARM:
        for seat in (*bench.references, *bench.candidates):
            seat.run(bench.calls(min(more, bench.most_calls)))
        first = [s[0].run(bench.calls(WARM)) for s in (bench.references, bench.candidates)]
    launch = max(stats.median(run.used) for run in first)
    if not on_cpu:  # it is still busy with them when the host has launched a call
        bench = replace(bench, flushes=flushes_for(LATE * launch, MOST_FLUSHES, FLUSHES))
    reference, candidate = (max(1e-7, stats.median(run.seconds)) for run in first)
    plan = Plan.of(
        reference, candidate, bench.buffer_bytes, bench.budget, len(bench.candidates),
        max(0.0, beside(first[0])), on_cpu,
    )  # fmt: skip
    most = min(bench.most_calls, *plan.calls.values()) if not on_cpu else 0
    for role, calls in plan.calls.items():
        plan.calls[role] = most or min(calls, bench.most_calls)
    clock = OnCpu() if on_cpu else OnGpu(most, launch)
    found = _Session(bench, plan, clock).compared(floor)
    if floor is not None and found.seconds < floor:
        raise Rejected(
            Diagnostic(
                f"a call takes {found.seconds * 1e6:.3g} us, and what it must compute and move "
                f"takes {bench.device} {floor * 1e6:.3g} us at least: it cannot have done the work",
                code="impossible",
            )
        )
    return found


@dataclass(frozen=True)
class _Asked:
    """What all processes are given in one run each."""

    new: Fresh
    orders: Sequence[Which]
    flushes: int
    together: bool


class _Session:
    """Blocks until the verdict is clear, with what may be hidden in it."""

    def __init__(self, bench: Bench, plan: Plan, clock: OnCpu | OnGpu) -> None:
        self._bench, self._plan, self._clock = bench, plan, clock
        self._looks = 0
        runs = 2 * plan.pairs * plan.most * (1 if isinstance(clock, OnCpu) else 2)
        self._worth = bench.budget / runs  # seconds to look at a run
        self._each = LOOK_CALL + bench.buffer_bytes / LOOK_BYTES  # seconds to look at a call
        self._last: dict[int, tuple[Turn, _Asked]] = {}  # of each pair the candidate's last run
        self._pairs: list[Sequence[Turn]] = []  # blocks of a reference and a candidate

    def compared(self, floor: float | None) -> Timing:
        plan, clock = self._plan, self._clock
        while True:
            while (block := plan.next()) is not None:
                plan.add(self._block(block))
                self._pairs += [block] if block[0].role != block[1].role else []
            while clock.suspects and not clock.plain and clock.runs < SURE:
                self._again()
            plain, found = self._found(floor)
            while isinstance(clock, OnGpu) and plain.win and not found.win and clock.runs < SURE:
                self._again()
                _, found = self._found(floor)
            if found.win or not plain.win or not plan.extend():
                if found.win:
                    self._closing()
                return found

    def _found(self, floor: float | None) -> tuple[Timing, Timing]:
        """By its own word, and with what it hides. Raises Rejected where that is too much."""
        self._clock.reject()
        plain = self._plan.estimate.timing(self._bench.device, floor)
        alone = self._bench.alone
        paid = charged(plain, self._clock, self._plan.same)
        return _undisturbed(plain, alone), _undisturbed(paid, alone)

    def _again(self) -> None:
        """One more look at what the candidate may hide."""
        place = self._clock.runs % len(self._pairs)
        if isinstance(self._clock, OnCpu):
            self._block(self._pairs[place])
        else:
            self._together(self._clock, self._pairs[place], place=place)

    def _block(self, block: Sequence[Turn]) -> list[float]:
        """Seconds of four runs. Raises Rejected where outputs are wrong."""
        bench, clock, seconds = self._bench, self._clock, list[float]()
        paired = block[0].role != block[1].role
        surely: Sequence[int] = (0, 1) if isinstance(clock, OnCpu) else (bench.chosen(4),)
        surely = surely if self._looks < LOOKS else ()
        if paired:
            clock.seen.append(Seen(block[0].pair))
        for half, turns in enumerate((block[:2], block[2:])):
            runs = self._runs(turns, max(turn.calls for turn in turns), bench.flushes)
            seconds += [run.each * len(run.seconds) for run in runs.values()]
            if not paired:
                continue
            (r, reference), (c, candidate) = _by_role(runs)
            if candidate.shared and not reference.shared:
                raise Rejected(_SHARED)
            if half in surely or self._chosen(reference, c):
                self._look(c, r)
            if isinstance(clock, OnCpu):
                clock.add(reference, candidate)
            else:
                clock.said(reference, candidate)
                self._together(clock, turns, look=half + 2 in surely)
        return seconds

    def _together(
        self, clock: OnGpu, turns: Sequence[Turn], look: bool = False, place: int = -1
    ) -> None:
        """Calls of both without a pause, in the block at that place."""
        both = [replace(turn, calls=clock.calls) for turn in turns[:2]]
        runs = self._runs(both, clock.calls, clock.flushes, together=True)
        (r, reference), (c, candidate) = _by_role(runs)
        clock.add(reference, candidate, place)
        if look or self._chosen(reference, c):
            self._look(c, r)

    def _runs(
        self, turns: Sequence[Turn], most: int, flushes: int, together: bool = False
    ) -> dict[Turn, Run]:
        """One of each in turn."""
        asked = _Asked(self._bench.refresh(), self._bench.calls(most), flushes, together)
        for turn in turns:
            if turn.role == "candidate":
                self._last[turn.pair] = turn, asked
        return {turn: self._run(turn, asked) for turn in turns}

    def _run(self, turn: Turn, asked: _Asked) -> Run:
        seat, base = self._bench.seat(turn), asked.new.sets or None
        if base and self._bench.device != "cpu":  # what that takes varies by more than calls take
            seat.redraw(base)
            base = None
        orders = asked.orders[: turn.calls]
        return seat.run(orders, asked.new.weights, asked.flushes, asked.together, base)

    def _closing(self) -> None:
        """Looks at the last run of each process, which could not know that it was."""
        for turn, asked in self._last.values():
            reference = replace(turn, role="reference")
            self._run(reference, asked)
            self._look(turn, reference)

    def _chosen(self, reference: Run, candidate: Turn) -> bool:
        """Whether to look at a run, by chance. How likely that is depends on what the reference
        took for it: a candidate can neither foresee it nor have a say in it."""
        look = self._each * self._many(candidate)
        chance = max(LOOKING * 2.0 * reference.wall / look, min(CHANCE, self._worth / look))
        return self._bench.chosen(_PARTS) < _PARTS * chance

    def _many(self, candidate: Turn) -> int:
        """Calls of a run to look at."""
        return min(candidate.calls, max(1, int(LOOK_SECONDS / self._each)))

    def _look(self, candidate: Turn, reference: Turn) -> None:
        """At some of the candidate's calls, though the reference may have made others."""
        bench, left = self._bench, list(range(candidate.calls))
        many = self._many(candidate)
        chosen = sorted(left.pop(bench.chosen(len(left))) for _ in range(many))
        known, seat = bench.seat(reference), bench.seat(candidate)
        start = time.perf_counter()
        both = [c for c in chosen if c < reference.calls and known.given(c) == seat.given(c)]
        kept = dict(zip(both, known.show(both), strict=True)) if both else {}
        sums = {c: known.summed(c) for c in both}
        wanted = [kept.get(c) or known.call(seat.given(c)) for c in chosen]
        given = [sums.get(c, want.given) for c, want in zip(chosen, wanted, strict=True)]
        if given != [seat.summed(c) for c in chosen]:
            raise Rejected(_REFILLED)
        spent = time.perf_counter() - start
        found = seat.show(chosen)
        start = time.perf_counter()
        wrong = [
            bench.check(known, seat.given(call), got, want)
            for call, got, want in zip(chosen, found, wanted, strict=True)
        ]
        # Counts twice, for both: a candidate may take its time, to be looked at less.
        spent = 2.0 * spent + time.perf_counter() - start
        self._each = spent / many
        self._looks += 1
        for note in wrong:
            if note is not None:
                raise Rejected(note)


def cost(found: Timing) -> Quantity:
    """A call's time in percent of the reference's, with its interval."""
    low, high = 100 / found.high, 100 / found.low
    return Quantity(100 / found.speedup, OF_REFERENCE, "measured", low, high)


_REFILLED = Diagnostic(
    "a timed call was not given the inputs that it was to be given: it changes how they are filled",
    code="timed-wrong",
)
_SHARED = Diagnostic(
    "outputs of a timed call lie in the memory of those of the one before, which are still there, "
    "or of each other",
    code="stale",
)


def _by_role(runs: Mapping[Turn, Run]) -> tuple[tuple[Turn, Run], tuple[Turn, Run]]:
    """Of the reference, of the candidate."""
    found = {turn.role: (turn, run) for turn, run in runs.items()}
    return found["reference"], found["candidate"]


def _undisturbed(found: Timing, alone: float | None) -> Timing:
    """With the reference's time as it was before, where it has become much slower."""
    if alone is None or found.reference_seconds <= SLOWED * alone:
        return found
    share = alone / found.reference_seconds
    return replace(
        found, reference_seconds=alone, speedup=found.speedup * share, low=found.low * share
    )
