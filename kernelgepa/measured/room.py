"""What belongs to the judging of one workload, and the inputs of its timed calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kernelgepa.measured.machine import cores_used, memory_bytes
from kernelgepa.measured.outputs import Own
from kernelgepa.measured.seat import Seat, Which
from kernelgepa.task import Task, Tolerance, Workload

DECIDING = 16  # mixtures, as one may be valid by luck
PLACES = 1 << 34  # of mixtures: two in a pool of 1 << 17 places


@dataclass
class Room:
    """What belongs to the judging of one workload: processes, orders, the reference's answers."""

    task: Task
    workload: Workload
    order: dict[str, Any]
    rng: np.random.Generator  # a secret's; what comes next is not to be known beforehand
    references: tuple[Seat, ...]
    mixes: bool = True
    scales: bool = True
    uneven: bool = False  # whether rows of inputs may be scaled apart
    signed: bool = False  # whether inputs get signs, but for the sets themselves
    weights: bool = True  # whether parameters are changed in place
    sets: int = 3
    floats: bool = True  # whether inputs are floating point numbers, or any
    exact: bool = True
    specs: list[dict[str, Any]] = field(default_factory=list)  # of the reference's outputs
    names: list[str] = field(default_factory=list)  # of the inputs, for people
    own: Own = field(default_factory=Own)  # errors of the reference
    labels: tuple[str, ...] = ()
    floor: float | None = None
    floor_reason: str = ""
    input_bytes: int = 0
    alone: float | None = None  # seconds of a call before a candidate was there; of a GPU


def order_of(
    task: str, problem: str, device: str, randomise: bool, sets: int, draw: Callable[[], int]
) -> dict[str, Any]:
    """What a process of the reference is told: the problem's text, where it runs, its inputs.

    `task`: a name for all problems that are one with other sizes.
    `randomise`: whether constant parameters get random values, or those its constructor gave them.
    """
    cores = cores_used()
    return {
        "task": task,
        "problem": problem,
        "device": device,
        "threads": len(cores),
        "cores": cores if device == "cpu" else [],
        "tf32": False,
        "randomise": randomise,
        "constants": None,
        "loader": "",
        "components": {},
        "outputs": [],
        "without_model": False,
        "pool": draw(),
        "init": draw(),
        "base": [draw() for _ in range(sets)],
        "varied": [],
        "left": [],
    }


def checked(room: Room, scales: Sequence[Sequence[float]]) -> list[list[Which]]:
    """Calls whose outputs are looked at before any is timed: all sets, and at each of the scales;
    of several the first that the reference makes numbers of. Where it is valid those between the
    sets and the last scale are uneven: what is left out of a mean of many alike is small."""
    rng = room.rng
    scales = scales if room.scales else [[1.0]] * len(scales)
    made = [[Which(i, seed=secret_seed(rng))] for i in range(room.sets)]
    rows = [[1.0], *scales] if room.mixes else scales
    for left, options in zip(reversed(range(len(rows))), rows, strict=True):
        if room.mixes:
            a, b = (int(i) for i in rng.choice(room.sets, 2, replace=False))
            which = Which(a, b, int(rng.integers(PLACES)), seed=secret_seed(rng))
        else:
            which = Which(int(rng.integers(room.sets)), seed=secret_seed(rng))
        which = replace(which, uneven=room.uneven and left > 0, signed=room.signed)
        made.append([replace(which, scale=scale) for scale in options])
    return made


def mixtures(room: Room) -> list[Which]:
    """Such as calls get: those that decide whether sets can be mixed, two kinds by turns."""
    pairs = [
        replace(which, third=None, share=0.0, scale=1.0) for which in unseen(room, DECIDING // 2)
    ]
    return [one for both in zip(unseen(room, DECIDING // 2), pairs, strict=True) for one in both]


def unseen(room: Room, count: int) -> list[Which]:
    """Inputs of calls that nothing is known of before: no mixture is met twice, and what somebody
    who knows the sets has made of them helps with none that lies between three of them. A scale
    would not do: many functions make of a scaled input a scaled output."""
    made = _between(room, count)
    return [replace(which, signed=True) for which in made] if room.signed else made


def _between(room: Room, count: int) -> list[Which]:
    rng, sets = room.rng, room.sets
    places, seeds = rng.integers(PLACES, size=count), rng.integers(1 << 62, size=count)
    varies = room.scales or (room.mixes and sets > 2)  # the scale, or the share of a third one
    shares = rng.uniform(0.5, 1.0, size=count) if varies else np.ones(count)
    first = np.resize(rng.permutation(sets), count)
    each = (v.tolist() for v in (first, places, shares, seeds))
    if not room.mixes:
        return [Which(a, None, 0, share, seed) for a, _, share, seed in zip(*each, strict=True)]
    step = rng.integers(1, sets, size=count)
    other = ((first + step) % sets).tolist()
    if sets < 3:
        return [
            Which(a, b, at, share, seed)
            for b, (a, at, share, seed) in zip(other, zip(*each, strict=True), strict=True)
        ]
    third = ((first - step) % sets).tolist()  # neither of the two, as the number of sets is odd
    return [
        Which(a, b, at, 1.0, seed, c, 1.0 - share)
        for b, c, (a, at, share, seed) in zip(other, third, zip(*each, strict=True), strict=True)
    ]


def new_sets(room: Room) -> list[int]:
    """Seeds of the sets that a run gets, where those it has cannot be mixed."""
    return [] if room.mixes else [secret_seed(room.rng) for _ in range(room.sets)]


def fresh(room: Room) -> dict[str, Any]:
    """A short run on inputs of its own."""
    return {"calls": unseen(room, room.sets), "base": new_sets(room) or None}


def secret_seed(rng: np.random.Generator) -> int:
    return int(rng.integers(1 << 62))


def tolerance_of(workload: Workload) -> Tolerance | None:
    """What the task says; None for the usual one of each dtype."""
    return None if workload.tolerance == Tolerance() else workload.tolerance


def whole(scalars: Mapping[str, int | float]) -> dict[str, int]:
    return {name: int(value) for name, value in scalars.items()}


def bytes_of(spec: Mapping[str, Any]) -> int:
    sizes = {"64": 8, "32": 4, "16": 2, "128": 16}
    width = next((n for end, n in sizes.items() if str(spec["dtype"]).endswith(end)), 1)
    return width * math.prod(int(n) for n in spec["shape"])


def too_much(room: Room, processes: int) -> str:
    """Why so many processes cannot hold a problem in this machine's memory; empty where they can.

    Each holds the sets of inputs, a call's own, and outputs of two calls and copies of them.
    """
    outputs = sum(bytes_of(spec) for spec in room.specs)
    needed = processes * ((room.sets + 1) * room.input_bytes + 4 * outputs)
    there = memory_bytes()
    if needed <= there:
        return ""
    return (
        f"{processes} processes hold its inputs and outputs several times, some "
        f"{needed / 2**30:.0f} GiB (modelled), and this machine has {there / 2**30:.0f} GiB; make "
        "its sizes smaller"
    )
