"""Whether a task accepts kernels that do no work: zeros, a constant, a copy, stale memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from kernelgepa.measured.outputs import Answer, Output, compared, dtype_of
from kernelgepa.measured.seat import FIRST, Seat, Which
from kernelgepa.task import Tolerance


def accepted(
    seat: Seat,
    one: Answer,
    exact: Answer | None,
    several: bool,
    tolerance: Tolerance | None,
    factor: float,
    which: Which = FIRST,
) -> str:
    """What passes for `one`, the reference's outputs of set 0 as `which` says; empty where nothing
    does. Raises Failed."""
    for name, got in _without_work(seat, one, several, which):
        if compared(got, one, exact, factor, tolerance, explain=False).good:
            return name
    return ""


def _without_work(
    seat: Seat, one: Answer, several: bool, which: Which
) -> Iterator[tuple[str, Answer]]:
    yield "zeros", replace(one, outputs=tuple(_filled(o, 0.0) for o in one.outputs))
    other = seat.call(replace(which, set=1)) if several else one
    # Not by its own mean, which a single number is.
    means = [_mean(output) for output in other.outputs]
    yield "a constant", replace(one, outputs=tuple(map(_filled, one.outputs, means)))
    if several:
        yield "the outputs of another call", other
    inputs = seat.inputs(which).outputs
    copies = [next((i for i in inputs if _alike(i, o)), None) for o in one.outputs]
    found = tuple(c for c in copies if c is not None)
    if len(found) == len(copies):
        yield "a copy of an input", replace(one, outputs=found)


def _alike(given: Output, wanted: Output) -> bool:
    return given.shape == wanted.shape and given.dtype == wanted.dtype


def _mean(output: Output) -> float:
    values = output.values().astype(np.float64)
    finite = values[np.isfinite(values)]
    return float(np.mean(finite)) if finite.size else 0.0


def _filled(output: Output, value: float) -> Output:
    kind = dtype_of(output.dtype)
    count = len(output.data) // kind.itemsize
    return replace(output, data=np.full(count, value).astype(kind).tobytes())
