"""The comparison of two modules on a GPU, simulated: events, a host that is late, hidden work."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pytest

from kernelgepa.measured.charged import charged
from kernelgepa.measured.hidden import OnCpu, Rejected, Seen
from kernelgepa.measured.outputs import Answer
from kernelgepa.measured.seat import Run, Seat, Which
from kernelgepa.measured.statistics import Block, estimate
from kernelgepa.measured.timed import Bench, Fresh, timing
from kernelgepa.verdict import Diagnostic, Timing

WRONG = Answer("wrong", (), (), ())
NOTHING = Answer("", (), (), ())
MESSAGE, JITTER = 2e-3, 2e-4  # seconds of a message, and by how much it varies
CALL, VARIES = 4e-4, 1e-3  # beside a call that is timed alone, and by how much a message of them
BETWEEN, PREPARED = 6e-5, 1.2e-4  # of calls without a pause: by the device, by the host
FLUSH = 9e-5


@dataclass
class Device:
    """A process whose calls take so long on a GPU, and as much again beside them."""

    seconds: float
    rng: np.random.Generator
    hidden: float = 0.0
    launch: float = 3e-5  # by the host; what the device waits for counts as its own time
    waits: bool = False  # the host for the device, in every call
    lies: bool = False  # in some blocks events of one run say next to nothing
    runs: int = 0

    def run(
        self, calls: Sequence[Which], weights: int | None = None, flushes: int = 4,
        together: bool = False, base: Sequence[int] | None = None,
    ) -> Run:  # fmt: skip
        return self.together(len(calls), flushes) if together else self.alone(len(calls), flushes)

    def alone(self, count: int, flushes: int) -> Run:
        each = self.seconds * self.rng.normal(1.0, 0.01, count)
        late = self.rng.uniform(size=count) < 0.02  # the host was away
        seconds = np.where(late, each + 2e-3, each) + max(0.0, self.launch - flushes * FLUSH)
        beside = abs(self.rng.normal(0.0, VARIES)) + count * (CALL + self.hidden)
        host = tuple(seconds + flushes * FLUSH)
        self.runs += 1
        if self.lies and self.runs % 2 == 0 and self.rng.random() < 0.6:
            seconds = seconds * 1e-3
        wall = float(sum(host)) + beside + self.message()
        return Run(tuple(seconds), host, wall, (self.launch,) * count, None, on_cpu=False)

    def together(self, count: int, flushes: int) -> Run:
        each = 0.9 * self.seconds * self.rng.normal(1.0, 0.01, count)  # the cache is warm
        device = float(sum(each)) + count * (BETWEEN + self.hidden)
        prepared, delay = count * (PREPARED + self.launch), flushes * FLUSH
        took = delay + device + (prepared if self.waits else max(0.0, prepared - delay))
        wall = took + self.message()
        used = (prepared / count,) * count
        return Run(tuple(each), (took / count,) * count, wall, used, None, on_cpu=False)

    def message(self) -> float:
        return MESSAGE + abs(self.rng.normal(0.0, JITTER))

    def show(self, calls: Sequence[int]) -> list[Answer]:
        return [NOTHING] * len(calls)

    def call(self, which: Which) -> Answer:
        return NOTHING

    def given(self, call: int) -> Which:
        return Which(0)

    def summed(self, call: int) -> int:
        return 0


def compare(
    reference: float, candidate: float, hidden: float = 0.0, seed: int = 1, launch: float = 3e-5,
    waits: bool = False, alone: float | None = None, lies: bool = False,
) -> Timing:  # fmt: skip
    rng = np.random.default_rng(seed)
    known = [Device(reference, rng) for _ in range(3)]
    asked = [Device(candidate, rng, hidden, launch, waits, lies) for _ in range(3)]
    seats: Any = (tuple(known), tuple(asked))
    ours, theirs = cast("tuple[tuple[Seat, ...], tuple[Seat, ...]]", seats)
    return timing(
        Bench(
            ours, theirs, lambda count: [Which(0)] * count, lambda of: 0,
            lambda known, which, got, want: None, Fresh, "cuda:0", 4.0, 1 << 20, 1000,
            alone=alone,
        )
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_a_short_kernel_that_is_faster_is_a_win(seed: int):
    found = compare(20e-6, 10e-6, seed=seed)
    assert found.win
    assert found.speedup == pytest.approx(2.0, rel=0.1)
    assert found.seconds == pytest.approx(10e-6, rel=0.1)


@pytest.mark.parametrize("seed", range(5))
def test_an_equal_kernel_is_neither(seed: int):
    found = compare(20e-6, 20e-6, seed=seed)
    assert not found.win and not found.loss
    assert found.high < 1.1


def test_launching_slowly_is_no_time_of_the_device():
    found = compare(20e-6, 10e-6, launch=4e-4)
    assert found.win
    assert found.seconds == pytest.approx(10e-6, rel=0.1)


@pytest.mark.parametrize("seed", range(5))
def test_little_work_beside_the_events_of_a_short_kernel_takes_its_win(seed: int):
    found = compare(20e-6, 10e-6, hidden=1.2e-5, seed=seed)
    assert not found.win
    assert found.hidden_seconds > 0


def test_a_kernel_that_waits_for_the_device_bears_what_that_takes():
    found = compare(2e-3, 1e-3, waits=True)
    assert 1.02e-3 < found.seconds < 1.4e-3
    assert found.win


def test_work_moved_beside_the_events_is_added():
    found = compare(2e-3, 1e-3, hidden=2.2e-4)
    assert found.seconds == pytest.approx(1.12e-3, rel=0.05)


def test_much_work_moved_beside_the_events_is_rejected():
    with pytest.raises(Rejected) as rejected:
        compare(2e-3, 1e-6, hidden=2e-3)
    assert rejected.value.note.code == "clock"


def test_a_reference_that_a_candidate_slows_is_no_gain():
    found = compare(2e-3, 1e-3, alone=1e-3)
    assert not found.win
    assert found.speedup == pytest.approx(1.0, rel=0.05)


def test_a_reference_that_is_as_quick_as_before_is_believed():
    assert compare(2e-3, 1e-3, alone=1.9e-3).speedup == pytest.approx(2.0, rel=0.05)


def clock_of(runs: Sequence[tuple[Run, Run]]) -> OnCpu:
    """That has seen these of a reference and a candidate: two a block."""
    clock = OnCpu()
    for number, (reference, candidate) in enumerate(runs):
        if number % 2 == 0:
            clock.seen.append(Seen(number // 2 % 3))
        clock.add(reference, candidate)
    return clock


def paid(clock: OnCpu) -> Timing:
    """What a machine without noise makes of it."""
    same = [Block(0, 1.0, 1.0)] * 6
    return charged(estimate(told(clock), same).timing("cpu"), clock, same)


def told(clock: OnCpu) -> list[Block]:
    """By the candidate's own word."""
    return [Block.of(seen.pair, seen.reference, seen.said) for seen in clock.seen]


@dataclass
class Once:
    """A process on a CPU; right until it has been looked at so many times."""

    seconds: float
    most: int
    shown: int = 0

    def run(
        self, calls: Sequence[Which], weights: int | None = None, flushes: int = 4,
        together: bool = False, base: Sequence[int] | None = None,
    ) -> Run:  # fmt: skip
        each = (self.seconds,) * len(calls)
        return Run(each, each, sum(each) + 1e-3, each, sum(each) + 1e-3)

    def show(self, calls: Sequence[int]) -> list[Answer]:
        self.shown += 1
        time.sleep(0.01)
        return [NOTHING if self.shown <= self.most else WRONG] * len(calls)

    def call(self, which: Which) -> Answer:
        return NOTHING

    def given(self, call: int) -> Which:
        return Which(0)

    def summed(self, call: int) -> int:
        return 0


@pytest.mark.parametrize("seed", range(3))
def test_nothing_tells_that_a_run_will_not_be_looked_at(seed: int):
    """Looks are dear: those that are made in any case take more than their share of the time."""
    rng = np.random.default_rng(seed)
    seats: Any = [tuple(Once(*of) for _ in range(3)) for of in ((2e-3, 1000), (1e-3, 2))]
    wrong = Diagnostic("wrong", code="timed-wrong")
    bench = Bench(
        *seats, lambda count: [Which(0)] * count, lambda of: int(rng.integers(of)),
        lambda known, which, got, want: None if got == want else wrong, Fresh, "cpu", 4.0,
        1 << 20, 1,
    )  # fmt: skip
    with pytest.raises(Rejected) as rejected:
        timing(bench)
    assert rejected.value.note is wrong


def message(calls: int, more: float = 0.0) -> Run:
    """Calls of 5 ms on a CPU; 6 ms of a processor to change parameters, 1 ms beside each call."""
    each = (5e-3,) * calls
    took = sum(each) + calls * (1e-3 + more)
    return Run(each, each, took, each, took, ready=(6e-3, 6e-3))


@pytest.mark.parametrize("calls", [(2, 1), (1, 2), (3, 1)])
def test_what_a_message_takes_once_is_no_hidden_work_of_shorter_ones(calls: tuple[int, int]):
    clock = clock_of([(message(calls[0]), message(calls[1]))] * 12)
    assert not clock.suspects
    assert paid(clock).seconds == pytest.approx(5e-3)
    assert paid(clock).hidden_seconds == pytest.approx(0.0, abs=1e-9)


def test_work_beside_calls_is_seen_in_messages_of_another_length():
    assert clock_of([(message(2), message(1, more=4e-3))] * 12).suspects


def spun(calls: int, beside: float, used: float, cores: int) -> Run:
    """Calls of 1 ms; other threads that take processor time beside them, and none of the wall's."""
    each = (1e-3,) * calls
    wall = sum(each) + calls * 1e-3
    computed = calls * used + calls * (1e-3 + beside)
    return Run(each, each, wall, (used,) * calls, computed, cores=cores)


def test_a_thread_that_works_while_inputs_are_filled_is_seen():
    assert clock_of([(spun(8, 0.0, 1e-3, 3), spun(8, 1e-3, 1e-3, 3))] * 12).suspects


def test_threads_of_calls_may_wait_busily():
    assert not clock_of([(spun(8, 2e-3, 3e-3, 3), spun(8, 2.5e-3, 3e-3, 3))] * 12).suspects


def test_children_that_nobody_waits_for_are_seen_by_the_clock_on_the_wall():
    late = spun(8, 0.0, 1e-3, 1)
    late = replace(late, wall=late.wall + 8 * 2e-3)
    assert clock_of([(spun(8, 0.0, 1e-3, 1), late)] * 12).suspects


def test_far_too_much_in_every_run_needs_no_further_ones_and_in_most_of_them_does():
    much = message(2, more=40e-3)
    clock = clock_of([(message(2), much)] * 12)
    busy = clock_of([(message(2), much if run else message(2)) for run in range(12)])
    assert clock.suspects
    assert clock.plain
    assert busy.suspects
    assert not busy.plain


@pytest.mark.parametrize("quicker", [1.0, 2.0])
def test_a_kernel_that_says_it_was_hardly_interrupted_is_as_fast_as_its_processor_time(
    quicker: float,
):
    """Calls take 5 ms of a processor and, on a busy machine, 20 ms of the wall's."""
    two = 2 / quicker
    reference = Run((20e-3,) * 2, (20e-3,) * 2, 60e-3, (5e-3,) * 2, 12e-3)
    said, used = (16e-3 / quicker,) * 2, (5e-3 / quicker,) * 2
    candidate = Run(said, said, two * 20e-3 + 20e-3, used, two * 5e-3 + 2e-3)
    clock = clock_of([(reference, candidate)] * 12)
    assert not clock.suspects
    assert paid(clock).speedup == pytest.approx(quicker, rel=0.01)


def hiding(calls: int, share: float) -> Run:
    """Calls of 5 ms that says it takes less; the rest is beside them."""
    whole, said = message(calls), (5e-3 * (1 - share),) * calls
    return replace(whole, seconds=said, host=said, used=said)


def test_a_kernel_that_is_far_slower_by_its_own_word_is_not_said_to_hide_a_little_more():
    usual, said = message(2), (50e-3,) * 2
    took = usual.wall + 2 * (45e-3 + 2e-3)
    slow = replace(usual, seconds=said, host=said, used=said, wall=took, computed=took)
    clock = clock_of([(usual, slow)] * 12)
    assert not clock.suspects
    assert paid(clock).speedup == pytest.approx(5 / 52, rel=0.01)


@pytest.mark.parametrize("hides", [{0}, {1, 2}, {0, 3, 5}])
def test_work_hidden_in_some_runs_only_is_charged_to_those(hides: set[int]):
    """Of seven blocks in four, of which one run each is said to take next to nothing."""
    runs = [
        hiding(2, 0.999) if run % 2 == 0 and run // 2 % 7 not in hides else message(2)
        for run in range(84)
    ]
    clock = clock_of([(message(2), run) for run in runs])
    assert not clock.suspects
    assert estimate(told(clock), [Block(0, 1.0, 1.0)]).speedup > 10
    assert paid(clock).speedup == pytest.approx(1.0, rel=0.05)
    assert not paid(clock).win


def test_who_changes_parameters_sooner_does_not_work_for_nothing_in_that_time():
    """Calls that are said to take a half, and the other half beside them."""
    usual, hides = message(2), hiding(2, 0.5)
    found = paid(clock_of([(usual, replace(hides, ready=(1e-3, 1e-3)))] * 12))
    assert found.speedup == pytest.approx(1.0, rel=0.01)


def test_work_on_new_parameters_before_the_calls_is_charged():
    usual = message(2)
    quick = replace(
        usual,
        seconds=(4e-3,) * 2,
        host=(4e-3,) * 2,
        used=(4e-3,) * 2,
        wall=usual.wall - 2e-3,
        computed=usual.wall - 2e-3,
        ready=(8e-3, 8e-3),
    )
    assert paid(clock_of([(usual, quick)] * 12)).speedup == pytest.approx(1.0, rel=0.01)


def test_the_work_of_all_runs_done_in_one_of_many_is_charged_to_all():
    each, took = (2.5e-3,) * 2, 7e-3
    usual = Run(each, each, took, each, took, ready=(6e-3, 6e-3))
    ahead = replace(usual, wall=took + 40e-3, computed=took + 40e-3)
    found = paid(clock_of([(message(2), usual if run % 8 else ahead) for run in range(48)]))
    assert found.speedup == pytest.approx(1.0, rel=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_events_that_lie_in_some_runs_of_a_gpu_take_no_win(seed: int):
    found = compare(2e-3, 2e-3, seed=seed, lies=True)
    assert not found.win
    assert found.speedup < 1.2
