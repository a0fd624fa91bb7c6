"""Outputs compared with a reference that jumps, such as by an index of a maximum.

Where two numbers are nearly the same, another order of summation decides for the other one, and
what is made of it may be far away. A candidate's element may then lie anywhere between what the
reference gives when its own results are off by a little.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kernelgepa.measured.outputs import (
    JUMPS,
    Answer,
    Compared,
    Output,
    Own,
    allowance,
    compared,
    shaped,
    sizes,
    step,
)
from kernelgepa.measured.seat import Failed, Seat, Which
from kernelgepa.task import Tolerance
from kernelgepa.tasks.arrays import Array

# That results are off by, the last one as a plain sum is.
_SHARES = (2.0**-23, 2.0**-20, 2.0**-17, 2.0**-14)
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
    end, spans = time.monotonic() + _SECONDS, [_Span.of(o) for o in want.outputs]
    for number in range(_TRIES * len(_SHARES)):
        by = _SHARES[number // _TRIES]
        try:
            other = seat.shaken(which, number, by)
        except Failed:
            seat.begin()
            return found
        for span, output in zip(spans, other.outputs, strict=True):
            span.add(output)
        taken, many = _taken(got, want, spans, by, tolerance)
        if 0 < many <= _most(want) and (again := against(taken, exact)).good:
            return again
        if many > _most(want) or time.monotonic() > end:
            break
    return found


@dataclass
class _Span:
    """Of an output's elements the least and the largest that a reference gives."""

    low: Array
    high: Array

    @classmethod
    def of(cls, output: Output) -> _Span:
        return cls(output.values(), output.values())

    def add(self, output: Output) -> None:
        values = output.values()
        self.low, self.high = np.fmin(self.low, values), np.fmax(self.high, values)


def _most(want: Answer) -> int:
    """So many elements may be another one."""
    return max(1, int(JUMPS * sum(o.raw().size for o in want.outputs)))


def _few(got: Answer, want: Answer, found: Compared) -> bool:
    """Whether so few elements are wrong that the reference may have jumped there."""
    count = sum(o.raw().size for o in want.outputs)
    return not shaped(got, want) and (1.0 - found.share) * count < _most(want) + 0.5


def _taken(
    got: Answer, want: Answer, spans: Sequence[_Span], by: float, tolerance: Tolerance | None
) -> tuple[Answer, int]:
    """With what is wanted for elements that are what the reference jumps to, and how many those
    are."""
    made, many = list[Output](), 0
    for g, w, span, size in zip(got.outputs, want.outputs, spans, sizes(want), strict=True):
        values, unit = g.values(), step(w.dtype)
        usual = allowance(w.dtype, tolerance)
        slack = usual.atol + usual.rtol * np.abs(w.values()) if unit else 0
        least = np.maximum(_JUMP * max(by, unit) * size, slack) if unit else 0
        with np.errstate(invalid="ignore", over="ignore"):
            jumped = span.high - span.low > least
            jumped &= (values >= span.low - slack) & (values <= span.high + slack)
            jumped &= ~(np.abs(values - w.values()) <= slack)
        raw = g.raw().copy()
        raw[jumped] = w.raw()[jumped]
        made.append(replace(g, data=raw.tobytes()))
        many += int(np.count_nonzero(jumped))
    return replace(got, outputs=tuple(made)), many
