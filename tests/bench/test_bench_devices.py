"""Work spread over devices: everything once, one at a time on each, and failures seen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from kernelgepa.bench.devices import spread


class Busy:
    """Notes what is done where; complains of two at once on one device."""

    def __init__(self, bad: int = -1) -> None:
        self.done: list[tuple[str, int]] = []
        self.open: list[str] = []
        self._bad, self._lock = bad, threading.Lock()
        self._met = threading.Barrier(2)

    @contextmanager
    def opened(self, device: str) -> Iterator[Callable[[int], None]]:
        own = threading.Lock()
        self.open.append(device)

        def work(item: int) -> None:
            assert own.acquire(blocking=False)
            if item < 2 and self._bad < 0:
                self._met.wait(30)  # the first two are under way at once, or never get on
            if item == self._bad:
                raise ValueError(f"item {item}")
            time.sleep(0.001)
            with self._lock:
                self.done.append((device, item))
            own.release()

        yield work
        self.open.remove(device)


def test_two_devices_share_the_work():
    busy = Busy()
    spread(["cuda:0", "cuda:1"], range(40), busy.opened)
    assert sorted(item for _, item in busy.done) == list(range(40))
    assert {device for device, _ in busy.done} == {"cuda:0", "cuda:1"}
    assert busy.open == []


@pytest.mark.parametrize("devices", [["cpu"], ["cuda:0", "cuda:1"]])
def test_a_failure_ends_it(devices: list[str]):
    busy = Busy(bad=3)
    with pytest.raises(ValueError, match="item 3"):
        spread(devices, range(1000), busy.opened)
    assert len(busy.done) < 999


def test_what_began_on_a_device_stays_there():
    busy = Busy(bad=99)
    spread(
        ["cuda:0", "cuda:1"], range(30), busy.opened,
        lambda item: ("", "cuda:0", "cuda:1", "cuda:7")[item % 4],
    )  # fmt: skip
    assert sorted(item for _, item in busy.done) == list(range(30))
    for device, item in busy.done:
        assert (
            device
            in (("cuda:0", "cuda:1"), ("cuda:0",), ("cuda:1",), ("cuda:0", "cuda:1"))[item % 4]
        )
