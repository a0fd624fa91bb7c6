"""Times a candidate against its reference by turns, and checks what it computes meanwhile.

plan.py says which process is next. Every call has inputs never seen before, and outputs of secretly
chosen calls are compared with the reference's. A process can say of its own time what it likes: the
judge's clock bounds what it may have left out.
"""

from __future__ import annotations

import math
import statistics as stats
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kernelgepa.measured.outputs import Answer, rules
from kernelgepa.measured.plan import Plan
from kernelgepa.measured.plan import Run as Turn
from kernelgepa.measured.seat import FLUSHES, Run, Seat, Which
from kernelgepa.verdict import Diagnostic, Timing

_THREADS = 1.5  # processor seconds in a second of a call, from which on it has several threads
WARM = 3  # calls before anything counts
FLUSH_SECONDS, MOST_FLUSHES = 9e-5, 32  # of 256 MiB on an H100; others take longer
SURE = 32  # runs looked at before a candidate is said to hide work: a busy machine looks like it


@dataclass(frozen=True)
class Bench:
    """Processes with modules in them, as many of the reference as of the candidate, and the judge's
    part in a block."""

    references: tuple[Seat, ...]
    candidates: tuple[Seat, ...]
    calls: Callable[[int], list[Which]]  # inputs of a block's calls, new ones every time
    chosen: Callable[[int], int]  # which call of a block is looked at; a secret until it is over
    check: Callable[[Answer, Answer], Diagnostic | None]  # candidate's outputs, reference's
    refresh: Callable[[], int | None]  # before runs: new inputs where they cannot be mixed; returns
    # the seed of other parameters, where they can be changed
    device: str
    budget: float  # seconds
    buffer_bytes: int  # inputs and outputs of a call
    most_calls: int  # of a block, so that their outputs can be kept
    flushes: int = FLUSHES  # of a GPU's cache before a call

    def seat(self, turn: Turn) -> Seat:
        return (self.references if turn.role == "reference" else self.candidates)[turn.pair]


class Rejected(Exception):
    """The candidate is not what its times say."""

    def __init__(self, note: Diagnostic) -> None:
        super().__init__(note.message)
        self.note = note


def timing(bench: Bench, floor: float | None = None) -> Timing:
    """The comparison. Raises Rejected, and Failed where a process ends."""
    for seat in (*bench.references, *bench.candidates):
        seat.run(bench.calls(WARM))
    first = [s[0].run(bench.calls(WARM)) for s in (bench.references, bench.candidates)]
    if bench.device != "cpu":
        bench = replace(bench, flushes=_flushes(first))
    reference, candidate = (max(1e-7, stats.median(run.seconds)) for run in first)
    plan = Plan.of(
        reference, candidate, bench.buffer_bytes, bench.budget, len(bench.candidates),
        max(0.0, _beside(first[0])), bench.device == "cpu",
    )  # fmt: skip
    most = min(bench.most_calls, *plan.calls.values()) if bench.device != "cpu" else 0
    for role, calls in plan.calls.items():
        plan.calls[role] = most or min(calls, bench.most_calls)
    found = _compared(bench, plan, floor)
    if floor is not None and found.seconds < floor:
        raise Rejected(
            Diagnostic(
                f"a call takes {found.seconds * 1e6:.3g} us, and what it must compute and move "
                f"takes {bench.device} {floor * 1e6:.3g} us at least: it cannot have done the work",
                code="impossible",
            )
        )
    return found


def _flushes(runs: Sequence[Run]) -> int:
    """So many that a GPU is still busy with them when the host has launched a call."""
    launch = max(stats.median(run.used) for run in runs)
    return min(MOST_FLUSHES, max(FLUSHES, math.ceil(1.5 * launch / FLUSH_SECONDS)))


def _compared(bench: Bench, plan: Plan, floor: float | None) -> Timing:
    """Times blocks until the verdict is clear, with what may be hidden in it."""
    clock, pairs = _Clock(bench.device == "cpu"), list[Sequence[Turn]]()
    while True:
        while (block := plan.next()) is not None:
            plan.add(_block(bench, block, clock))
            pairs += [block] if block[0].role != block[1].role else []
        while clock.suspects and clock.runs < SURE:
            _block(bench, pairs[clock.runs % len(pairs)], clock)
        plain = plan.estimate.timing(bench.device, floor)
        found = _charged(plain, clock.hidden())
        if found.win or not plain.win or not plan.extend():
            return found


def _charged(found: Timing, hidden: tuple[float, float]) -> Timing:
    """With what a candidate may do beside its calls added to their time.

    Noise makes that more than nothing: it can take a win, and does not make a loss.
    """
    middle, most = (found.seconds / (found.seconds + h) for h in hidden)
    return replace(
        found, seconds=found.seconds / middle, speedup=found.speedup * middle,
        low=found.low * most,
    )  # fmt: skip


def _block(bench: Bench, block: Sequence[Turn], clock: _Clock) -> list[float]:
    """Seconds of four runs. Raises Rejected where outputs are wrong."""
    seconds, looked_at = [], bench.chosen(2)
    for half, (one, other) in enumerate((block[:2], block[2:])):
        weights = bench.refresh()
        orders = bench.calls(max(one.calls, other.calls))
        runs = {
            turn: bench.seat(turn).run(orders[: turn.calls], weights, bench.flushes)
            for turn in (one, other)
        }
        by_role = {turn.role: (turn, run) for turn, run in runs.items()}
        if len(by_role) == 2:
            (r, reference), (c, candidate) = by_role["reference"], by_role["candidate"]
            clock.add(reference, candidate)
            if half == looked_at:
                _look(bench, c, r, orders)
        seconds += [run.each * len(run.seconds) for run in runs.values()]
    return seconds


def _look(bench: Bench, candidate: Turn, reference: Turn, orders: Sequence[Which]) -> None:
    """At any of the candidate's calls, though the reference may have made fewer."""
    which, known = bench.chosen(candidate.calls), bench.seat(reference)
    want = known.show(which) if which < reference.calls else known.call(orders[which])
    wrong = bench.check(bench.seat(candidate).show(which), want)
    if wrong is not None:
        raise Rejected(wrong)


class _Clock:
    """What messages take beyond the calls that are timed, by the judge's clock."""

    def __init__(self, on_cpu: bool) -> None:
        self._on_cpu = on_cpu
        self._hidden: list[float] = []  # seconds a call, candidate's less reference's
        self._needed: list[float] = []  # seconds of a call of the reference
        self._beside: list[float] = []  # of the reference: inputs refilled, outputs kept
        self._calls: list[int] = []
        self._known = True  # processor time, of all

    def add(self, reference: Run, candidate: Run) -> None:
        self._hidden.append(_hidden(candidate) - _beside(reference))
        self._needed.append(reference.each)
        self._beside.append(_beside(reference))
        self._calls.append(min(len(reference.host), len(candidate.host)))
        self._known &= None not in (reference.computed, candidate.computed)

    @property
    def runs(self) -> int:
        return len(self._hidden)

    @property
    def suspects(self) -> bool:
        """Whether the candidate hides more than what the machine's noise explains."""
        if not self._hidden:
            return False
        limits = rules()["limits"]
        known = "hidden_processor" if self._known else "hidden_seconds"
        slack = limits[known] / stats.median(self._calls)
        slack += limits["hidden_beside"] * stats.median(self._beside)
        bound = slack + float(limits["hidden"]) * stats.median(self._needed)
        return bool(np.quantile(self._hidden, 0.25) > bound)

    def hidden(self) -> tuple[float, float]:
        """Seconds a call that a candidate works beside its timed calls, none below 0: what its time
        is, and what the least speedup has to bear. Raises Rejected where that is too much.

        On a CPU the median and the end of its 99 % interval. What the host does beside the calls
        of a GPU varies by more than short kernels take: there the other end, and the median.
        """
        if not self._hidden:
            return 0.0, 0.0
        end = _upper(len(self._hidden))
        places = (0.5, end) if self._on_cpu else (1.0 - end, 0.5)
        low, likely, most = np.quantile(self._hidden, (0.25, *places))
        if self.suspects:
            needed = stats.median(self._needed)
            raise Rejected(
                Diagnostic(
                    "it works outside of its timed calls, or its clock is wrong: by the judge's "
                    f"clock a call takes {low * 1e3:.3g} ms more than it says, where the "
                    f"reference needs {needed * 1e3:.3g} ms in all",
                    code="clock",
                )
            )
        return max(0.0, float(likely)), max(0.0, float(most))


def _upper(count: int) -> float:
    """Which quantile of so many the median of all lies below, 99 times in 100 (a sign test)."""
    return min(1.0, 0.5 + 1.163 / math.sqrt(count))


def _beside(run: Run) -> float:
    """Seconds a call beside it, of a reference: what a busy machine takes away does not count."""
    if run.computed is None:
        return run.wall / len(run.seconds) - run.each
    used, host = math.fsum(run.used), math.fsum(run.host)
    one = used < _THREADS * host  # else several threads have computed
    return (run.computed - (math.fsum(map(min, run.used, run.host)) if one else used)) / len(
        run.host
    )


def _hidden(run: Run) -> float:
    """The same of a candidate, whose word on time counts where it does not speak for it.

    Processor time beyond the host's clock would let a call be both short and done by many threads.
    """
    wall = run.wall / len(run.seconds) - run.each
    if run.computed is None:
        return wall
    said = math.fsum(map(min, run.used, run.host))
    return min(wall, (run.computed - said) / len(run.host))
