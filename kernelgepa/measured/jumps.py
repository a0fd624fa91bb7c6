"""Outputs compared with a reference that jumps, such as by an index of a maximum.

Where two numbers are nearly the same, another order of summation decides for the other one, and
what is made of it may be far away. A candidate's element may then be what the reference gives when
its own results are off by a little.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from kernelgepa.measured.outputs import (
    Answer,
    Compared,
    Output,
    Own,
    compared,
    near,
    shaped,
    sizes,
    step,
)
from kernelgepa.measured.seat import Failed, Seat, Which
from kernelgepa.task import Tolerance

MOST = 0.01  # share of all elements that may be the other one
_SHARES = (2.0**-20, 2.0**-17, 2.0**-14)  # that results are off by, the last one as a plain sum is
_TRIES = 8  # with each: it falls on either side of a step
_SECONDS = 2.0
_JUMP = 16.0  # times that share of an output's size: what lies nearer is no jump


def settled(
    seat: Seat, which: Which, got: Answer, want: Answer, exact: Answer | None, factor: float,
    tolerance: Tolerance | None, own: Own, explain: bool = True, usual: bool = False,
) -> Compared:  # fmt: skip
    """As `compared`, which a `factor` of 0 leaves it at. `seat`: of the reference, with the
    parameters that `want` was made with.

    Raises Failed where it cannot begin again.
    """

    def against(one: Answer, truth: Answer | None) -> Compared:
        return compared(one, want, truth, factor, tolerance, own, explain, usual)

    found = against(got, exact)
    if found.good:
        return found
    if exact and not compared(want, want, exact, 0.0, tolerance, explain=False).good:
        # It jumps elsewhere in float64, as an index of a minimum may: no oracle of it here.
        exact, usual = None, False
        found = against(got, None)
    if found.good or not factor or not _few(got, want, found):
        return found
    end, left = time.monotonic() + _SECONDS, _most(want)
    for number in range(_TRIES * len(_SHARES)):
        by = _SHARES[number // _TRIES]
        try:
            other = seat.shaken(which, number, by)
        except Failed:
            seat.begin()
            return found
        got, many = _taken(got, want, other, by, tolerance)
        left -= many
        if many and left >= 0 and (again := against(got, exact)).good:
            return again
        if left < 0 or time.monotonic() > end:
            break
    return found


def _most(want: Answer) -> int:
    """So many elements may be the other one."""
    return max(1, int(MOST * sum(o.raw().size for o in want.outputs)))


def _few(got: Answer, want: Answer, found: Compared) -> bool:
    """Whether so few elements are wrong that the reference may have jumped there."""
    count = sum(o.raw().size for o in want.outputs)
    return not shaped(got, want) and (1.0 - found.share) * count < _most(want) + 0.5


def _taken(
    got: Answer, want: Answer, other: Answer, by: float, tolerance: Tolerance | None
) -> tuple[Answer, int]:
    """With what is wanted for elements that are what the reference has jumped to, and how many
    those are."""
    made, many = list[Output](), 0
    for g, w, o, size in zip(got.outputs, want.outputs, other.outputs, sizes(want), strict=True):
        least = _JUMP * max(by, step(w.dtype)) * size
        jumped = ~near(o, w, tolerance, least) & near(g, o, tolerance)
        values = g.raw().copy()
        values[jumped] = w.raw()[jumped]
        made.append(replace(g, data=values.tobytes()))
        many += int(np.count_nonzero(jumped))
    return replace(got, outputs=tuple(made)), many
