"""What a candidate does beside the calls whose time it tells, by the clock of who stops it.

On a CPU a message is little more than its calls: what it takes beyond them is compared with what
the reference's take. The messages of a GPU vary by more than a short kernel takes. There calls are
also made without a pause, queued while the device is kept busy, so that the message takes what the
device takes: no less than a candidate needs, wherever it does the work, as nobody knows the inputs
before. What it takes beside the calls is known from the reference, which is believed. A kernel is
quicker so than alone and with an empty cache, so that an honest one hides less than nothing.
"""

from __future__ import annotations

import math
import statistics as stats
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kernelgepa.measured.outputs import rules
from kernelgepa.measured.seat import Run
from kernelgepa.measured.statistics import Block
from kernelgepa.verdict import Diagnostic

_THREADS = 1.5  # processor seconds in a second of a call, from which on it has several threads
FLUSH_SECONDS = 9e-5  # of 256 MiB on an H100; others take longer
MOST_TOGETHER = 64  # calls without a pause: a device's queue has an end
PREPARED = 2e-4  # seconds of the host for a call's inputs and for what is kept of its outputs
MOST_DELAY = 600  # flushes
PLAIN = 2.0  # a busy machine does not make every run take so many times what may be hidden
LEAST = 0.25  # of the time that it says a call takes at least, by whatever clock
MARGIN = 1.5  # of what keeps a device busy: the host is slower now and then


class Rejected(Exception):
    """The candidate is not what its times say."""

    def __init__(self, note: Diagnostic) -> None:
        super().__init__(note.message)
        self.note = note


@dataclass
class Seen:
    """What a block shows of a candidate. Seconds of a call, one a run; `taken` by the name of a
    clock that is not the candidate's."""

    pair: int
    reference: list[float] = field(default_factory=list)
    said: list[float] = field(default_factory=list)
    taken: dict[str, list[float]] = field(default_factory=dict)

    def add(self, **taken: float) -> None:
        """One more run, by clocks other than the candidate's."""
        for clock, seconds in taken.items():
            self.taken.setdefault(clock, []).append(seconds)

    def by(self, clock: str) -> Block | None:
        """As that clock has it, where it saw all runs. What noise makes of short calls may be less
        than nothing."""
        taken = self.taken.get(clock, [])
        if len(taken) < len(self.said):
            return None
        least = LEAST * stats.fmean(self.said)
        return Block.of(self.pair, self.reference, [max(least, t, 1e-9) for t in taken])


class Hidden(ABC):
    """What has been seen so far."""

    main: tuple[str, ...]  # clocks whose interval the least speedup has to bear

    def __init__(self) -> None:
        self.seen: list[Seen] = []  # blocks; the last one is under way
        self._hidden: list[float] = []  # seconds a call
        self._needed: list[float] = []  # seconds of a call of the reference
        self._beside: list[float] = []  # of the reference: inputs refilled, outputs kept
        self._calls: list[int] = []

    @property
    def runs(self) -> int:
        return len(self._hidden)

    def by(self, clock: str) -> list[Block]:
        """All blocks, as one of the clocks has them."""
        return [block for seen in self.seen if (block := seen.by(clock)) is not None]

    @property
    def suspects(self) -> bool:
        """Whether the candidate hides more than what the machine's noise explains."""
        return any(np.quantile(seen, 0.25) > self._bound(slack) for seen, slack in self._seen())

    @property
    def plain(self) -> bool:
        """Whether more runs need not be looked at: each hides far more than that."""
        return any(min(seen) > PLAIN * self._bound(slack) for seen, slack in self._seen())

    def _bound(self, slack: float) -> float:
        # What a kernel is slower by its own word counts against it already.
        said = [seconds for seen in self.seen for seconds in seen.said]
        longer = max(stats.median(self._needed), stats.median(said) if said else 0.0)
        return slack + float(rules()["limits"]["hidden"]) * longer

    def _seen(self) -> list[tuple[Sequence[float], float]]:
        """Hidden seconds a call, by each of the clocks that count, and what noise explains."""
        return [(self._hidden, self._slack())] if self._hidden else []

    def reject(self) -> None:
        """Raises Rejected where it hides more than a kernel may."""
        if self.suspects:
            low = max(float(np.quantile(seen, 0.25)) for seen, _ in self._seen())
            needed = stats.median(self._needed)
            raise Rejected(
                Diagnostic(
                    "it works outside of its timed calls or in other processes, or its clock is "
                    f"wrong: by the judge's clock a call takes {low * 1e3:.3g} ms more than it "
                    f"says, where the reference needs {needed * 1e3:.3g} ms in all",
                    code="clock",
                )
            )

    def at_once(self) -> float:
        """Seconds a call, of what is done in few runs for all: beyond what it works in the middle
        one. None below 0."""
        return 0.0

    @abstractmethod
    def _slack(self) -> float:
        """Seconds a call."""


class OnCpu(Hidden):
    """What messages take beyond the calls that are timed.

    Clocks: "processor", which is the one on the wall where the kernel does not tell; "ready", with
    the message in which parameters are changed; "wall", on which children are that nobody waits
    for; "undisturbed", where calls use one thread: as if nothing else had used the processor while
    the candidate worked, and something had while the reference did, so that its speedup is that of
    processor time.
    """

    main = ("processor", "ready")

    def __init__(self) -> None:
        super().__init__()
        self._known = True  # processor time, of all
        self._prepared: list[float] = []  # seconds a call hidden, with the message before
        self._waited: list[float] = []  # the same, by the clock on the wall alone
        self._around: list[float] = []  # of the reference, by that clock
        self._worked: list[float] = []  # processor seconds a call, where calls use one thread

    def add(self, reference: Run, candidate: Run) -> None:
        """A run of each in the block under way."""
        calls, usual = len(candidate.host), beside(reference)
        hidden, each = _hidden(candidate) - usual, candidate.each
        known = None not in (reference.computed, candidate.computed)
        wall, processor = (
            (c - r) / calls for r, c in zip(reference.ready, candidate.ready, strict=True)
        )
        prepared = hidden + (processor if known else wall)
        around = _waited(reference)
        waited = _waited(candidate) - around + wall
        self._hidden.append(hidden)
        self._prepared.append(prepared)
        self._waited.append(waited)
        self._needed.append(reference.each)
        self._beside.append(usual + reference.ready[1] / calls)
        self._around.append(around + reference.ready[0] / calls)
        self._calls.append(calls)
        self._known &= known
        block = self.seen[-1]
        block.reference.append(reference.each)
        block.said.append(each)
        block.add(processor=each + hidden, ready=each + prepared, wall=each + waited)
        if candidate.computed is not None and not _several(candidate):
            said = math.fsum(map(min, candidate.used, candidate.host)) / calls
            used = max(math.fsum(reference.used), 1e-9)
            slowed = max(1.0, math.fsum(reference.host) / used)
            block.add(undisturbed=(said + hidden) * slowed)
            self._worked.append(said + prepared)

    def _seen(self) -> list[tuple[Sequence[float], float]]:
        """By the clock on the wall, too: children that nobody waits for are on no other."""
        if not self._hidden:
            return []
        slack = self._allowed("hidden_seconds", self._around)
        return [*super()._seen(), (self._prepared, self._slack()), (self._waited, slack)]

    def at_once(self) -> float:
        """Only beyond what noise explains, of which as much falls below as above."""
        if not self._known or not self._worked:
            return 0.0
        slack, middle = self._slack(), stats.median(self._worked)
        beyond = [w - middle for w in self._worked if abs(w - middle) > slack]
        return max(0.0, math.fsum(beyond) / len(self._worked))

    def _slack(self) -> float:
        return self._allowed("hidden_processor" if self._known else "hidden_seconds", self._beside)

    def _allowed(self, limit: str, beside: Sequence[float]) -> float:
        """Seconds a call: of a message, by that limit, and a share of what the reference takes."""
        limits = rules()["limits"]
        share = limits["hidden_beside"] * stats.median(beside)
        return float(limits[limit] / stats.median(self._calls) + share)


class OnGpu(Hidden):
    """What calls without a pause take beyond what they say when they are timed alone."""

    main = ("together",)

    def __init__(self, calls: int, launch: float) -> None:
        """`calls` a message; `launch`: seconds of the host for one."""
        super().__init__()
        self.calls = min(MOST_TOGETHER, calls)
        self._launched: list[float] = []  # seconds of the host for a call and what belongs to it
        self._taken: list[float] = []  # seconds that a call of the candidate takes
        self._said: list[float] = []  # and that it says it takes when it is timed alone
        self.flushes = flushes_for(MARGIN * self.calls * (PREPARED + launch), MOST_DELAY)

    def said(self, reference: Run, candidate: Run) -> None:
        """Calls that were timed alone, in the block under way."""
        self._said.append(candidate.each)
        self.seen[-1].reference.append(reference.each)
        self.seen[-1].said.append(candidate.each)

    def add(self, reference: Run, candidate: Run, block: int = -1) -> None:
        """Messages of `calls` each."""
        more = reference.wall / self.calls - stats.fmean(reference.seconds)
        self._taken.append(candidate.wall / self.calls - more)
        self.seen[block].add(together=self._taken[-1])
        self._hidden = [taken - stats.median(self._said) for taken in self._taken]
        self._needed.append(stats.fmean(reference.seconds))
        self._beside.append(more)
        self._calls.append(self.calls)
        # No longer than needed: what the device does meanwhile varies as well.
        self._launched.append(max(stats.fmean(reference.used), stats.fmean(candidate.used)))
        queued = self.calls * stats.median(self._launched)
        self.flushes = flushes_for(MARGIN * queued, MOST_DELAY)

    def _slack(self) -> float:
        """A kernel that waits for the device lets it stand still while the next is prepared. That
        is added to its time, and no reason to reject it."""
        limit = float(rules()["limits"]["hidden_seconds"])
        return limit / self.calls + stats.median(self._beside)


def flushes_for(seconds: float, most: int, least: int = 1) -> int:
    """So many that a GPU is busy with them for so long."""
    return min(most, max(least, math.ceil(seconds / FLUSH_SECONDS)))


def beside(run: Run) -> float:
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
    Threads that its calls use wait for the next call by doing nothing very busily: of those only
    what the clock on the wall shows counts. Where calls use one thread, all that others do counts.
    """
    if run.computed is None:
        return _waited(run)
    said = math.fsum(map(min, run.used, run.host))
    beyond = (run.computed - said) / len(run.host)
    return min(_waited(run), beyond) if _several(run) else beyond


def _several(run: Run) -> bool:
    """Whether its calls use several threads, by its word."""
    return run.cores > 1 and math.fsum(run.used) >= _THREADS * math.fsum(run.host)


def _waited(run: Run) -> float:
    """Seconds a call that a message takes longer than its calls."""
    return run.wall / len(run.seconds) - run.each
