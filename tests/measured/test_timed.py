"""The comparison of two modules on a GPU, simulated: events, a host that is late, hidden work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest

from kernelgepa.measured.outputs import Answer
from kernelgepa.measured.seat import Run, Seat, Which
from kernelgepa.measured.timed import Bench, Rejected, timing
from kernelgepa.verdict import Timing

NOTHING = Answer("", (), (), ())
MESSAGE, CALL, JITTER = 5e-3, 4e-4, 1e-3  # seconds: of a message, beside a call, of a message again


@dataclass
class Device:
    """A process whose calls take so long on a GPU, and as much again beside them."""

    seconds: float
    rng: np.random.Generator
    hidden: float = 0.0
    launch: float = 3e-5  # by the host; what the device waits for counts as its own time

    def run(self, calls: Sequence[Which], weights: int | None = None, flushes: int = 2) -> Run:
        count = len(calls)
        each = self.seconds * self.rng.normal(1.0, 0.01, count)
        late = self.rng.uniform(size=count) < 0.02  # the host was away
        seconds = np.where(late, each + 2e-3, each) + max(0.0, self.launch - flushes * 9e-5)
        beside = MESSAGE + abs(self.rng.normal(0.0, JITTER)) + count * (CALL + self.hidden)
        wall = float(seconds.sum() + beside)
        host = tuple(seconds + flushes * 9e-5)
        return Run(tuple(seconds), host, wall, (self.launch,) * count, None, on_cpu=False)

    def show(self, call: int) -> Answer:
        return NOTHING

    def call(self, which: Which) -> Answer:
        return NOTHING


def compare(
    reference: float, candidate: float, hidden: float = 0.0, seed: int = 1, launch: float = 3e-5
) -> Timing:
    rng = np.random.default_rng(seed)
    known = [Device(reference, rng) for _ in range(3)]
    asked = [Device(candidate, rng, hidden, launch) for _ in range(3)]
    seats: Any = (tuple(known), tuple(asked))
    ours, theirs = cast("tuple[tuple[Seat, ...], tuple[Seat, ...]]", seats)
    return timing(
        Bench(
            ours, theirs, lambda count: [Which(0)] * count, lambda of: 0,
            lambda got, want: None, lambda: None, "cuda:0", 4.0, 1 << 20, 1000,
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


def test_work_moved_beside_the_events_is_added():
    found = compare(2e-3, 1e-3, hidden=1.1e-4)
    assert found.seconds == pytest.approx(1.11e-3, rel=0.05)


def test_much_work_moved_beside_the_events_is_rejected():
    with pytest.raises(Rejected) as rejected:
        compare(2e-3, 1e-6, hidden=2e-3)
    assert rejected.value.note.code == "clock"
