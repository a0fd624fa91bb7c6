"""What is found out once of a workload and kept: which non-answers it takes, and its floor."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, TypeVar

from kernelgepa.errors import ReferenceFault
from kernelgepa.measured import degenerate
from kernelgepa.measured.machine import device_name
from kernelgepa.measured.outputs import Answer
from kernelgepa.measured.peaks import of_cpu, of_gpu
from kernelgepa.measured.roofline import Peaks, Work, floor, why
from kernelgepa.measured.room import Room
from kernelgepa.measured.seat import FIRST, Failed, Seat
from kernelgepa.measured.soundness import blamed, oracle, valid, varied
from kernelgepa.protocols import Workers
from kernelgepa.task import Tolerance

T = TypeVar("T")


class Again(Exception):
    """A workload is to be judged once more, with other inputs."""


def twice(judge: Callable[[], T]) -> T:
    """What it gives, if need be at the second attempt."""
    try:
        return judge()
    except Again:
        return judge()


class Known:
    """Of the workloads of one judge. Its process follows references, and holds no module."""

    def __init__(self, workers: Workers, device: str) -> None:
        self._device = device
        self._follower = Seat(workers, {})
        self._following = threading.Lock()
        self._work: dict[str, Work] = {}
        self._accepted: dict[str, tuple[str, bool]] = {}
        self._varied: dict[str, list[tuple[int, str]]] = {}
        self._bare = set[str]()
        self._shown: dict[str, dict[str, Any]] = {}

    def close(self) -> None:
        """Ends its process."""
        self._follower.close()

    def accepts(
        self, room: Room, seat: Seat, one: Answer, factor: float, tolerance: Tolerance | None
    ) -> tuple[str, bool]:
        """What the task takes for its outputs though it did no work, empty where it takes none; and
        whether it takes nothing of the kind of inputs with random signs.

        `one`: the reference's answer in `seat` to its first set of inputs. Raises Failed.
        """
        key = _key(room.task.digest, room.order["problem"])
        if key not in self._accepted:
            exact = seat.exact(FIRST) if room.exact else None
            several = room.sets > 1
            found = degenerate.accepted(seat, one, exact, several, tolerance, factor)
            told = bool(found) and room.weights and room.scales
            told = told and _told_by_signs(room, seat, one, factor, tolerance)
            self._accepted[key] = found, told
        return self._accepted[key]

    def bare(self, room: Room) -> bool:
        """Whether inputs are those of get_inputs alone, as the reference has raised on others."""
        return _key(room.task.digest, room.order["problem"]) in self._bare

    @contextmanager
    def taken(self, room: Room) -> Iterator[None]:
        """What is inside calls a reference that was sound. Raises Again where it raises, and
        ReferenceFault where it does so on its own inputs."""
        try:
            yield
        except Failed as failure:
            key, name = _key(room.task.digest, room.order["problem"]), room.task.origin
            if key in self._bare:
                said = blamed(failure, self._device)
                raise ReferenceFault(f"{name or room.task.name}: {said}") from failure
            self._bare.add(key)
            self._varied[key] = []
            raise Again from failure

    def how(self, task: str, problem: str) -> list[tuple[int, str]]:
        """How inputs vary that would be the same in all sets, as far as it is known."""
        return self._varied.get(_key(task, problem), [])

    def varied(
        self, room: Room, seat: Seat, one: Answer, tolerance: Tolerance | None
    ) -> list[tuple[int, str]]:
        """The same, found out where nobody knows. Raises Failed."""
        key = _key(room.task.digest, room.order["problem"])
        if key not in self._varied:
            exact = room.exact and oracle(seat, one, tolerance)[0]
            self._varied[key] = varied(seat, one, room.sets, exact, tolerance)
        return self._varied[key]

    def show(self, room: Room) -> None:
        """What its reference has shown of itself: of other inputs it most often shows the same."""
        told = {name: room.order[name] for name in ("varied", "left")}
        told |= {"outputs": room.specs, "constants": room.references[0].constants}
        self._shown[_key(room.task.digest, room.order["problem"])] = told

    def shown(self, room: Room) -> dict[str, Any] | None:
        """What a candidate's process is told of that; None where nobody knows."""
        return self._shown.get(_key(room.task.digest, room.order["problem"]))

    def work(self, room: Room) -> Work:
        """What a call has to do at least."""
        problem: str = room.order["problem"]
        with self._following:
            if problem not in self._work:
                self._work[problem] = Work()
                with suppress(Failed):  # it runs, but cannot be followed without values
                    self._work[problem] = self._follower.work(problem)
            return self._work[problem]

    def floor(self, work: Work) -> tuple[float | None, str]:
        """Seconds that takes at least, and why."""
        peaks = self._peaks()
        return (None, "") if peaks is None else (floor(work, peaks), why(work, peaks))

    def _peaks(self) -> Peaks | None:
        name = device_name(self._device).partition(": ")[2]
        return of_cpu() if self._device == "cpu" else of_gpu(name)


def _told_by_signs(
    room: Room, seat: Seat, one: Answer, factor: float, tolerance: Tolerance | None
) -> bool:
    """Whether inputs may get random signs, and then tell who does no work."""
    which, several = replace(FIRST, signed=True), room.sets > 1
    mixed = replace(which, other=1, at=1, third=2 % room.sets, share=0.25)
    if not valid(seat, [which, mixed] if room.mixes else [which], one):
        return False
    exact, signed = (seat.exact(which) if room.exact else None), seat.call(which)
    return not degenerate.accepted(seat, signed, exact, several, tolerance, factor, which)


def _key(task: str, problem: str) -> str:
    return f"{task} {problem}"
