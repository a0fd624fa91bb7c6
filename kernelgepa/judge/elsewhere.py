"""Right values in wrong places: repeated slices, another order, copies of other elements; and a
rectangle of wrong elements."""

from __future__ import annotations

import numpy as np

from kernelgepa.judge.axes import near
from kernelgepa.tasks.arrays import Array

MOST = 1 << 20  # elements that are looked at this way
FEW = 8  # places where a value may stand, and wrong elements from which a place is told
FILLED = 0.9  # share of a rectangle that must be wrong
DISTINCT = 0.5  # share of the values that must be different, so that an order can be told
SORTED = 4096  # elements up to which an order of all is told: more of any kind are much alike
TELLING = 0.05  # of the values' size, which values must differ by
ORIGINS, SAMPLE = 64, 256  # places that are tried, wrong elements that are looked at first
ORDERS = (2, 4, 8, 16, 32, 64, 128)


def of_places(got: Array, want: Array, wrong: Array, shape: tuple[int, ...]) -> str:
    """Empty where nothing fits. `got` and `want` are flat, `shape` is the output's or ()."""
    if not FEW <= got.size <= MOST or not (np.isfinite(got).all() and np.isfinite(want).all()):
        return ""
    scale = float(np.sqrt(np.mean(np.square(want))))
    return (
        _reordered(got, want, scale)
        or _copied(got, want, wrong, scale)
        or (_rectangle(wrong, shape) if len(shape) > 1 else "")
    )


def repeated(got: Array, want: Array) -> str:
    """An index that is not used: all slices along an axis are alike, the reference's are not.

    Of arrays in their shape; empty where it is not so.
    """
    for axis, size in enumerate(want.shape):
        if size == 1 or want.size < FEW * size or want.size > MOST:
            continue
        if _alike(got, axis) and np.ptp(got.take(0, axis)) > 0 and not _alike(want, axis):
            return f"the same at all places along axis {axis}"
    return ""


def _alike(values: Array, axis: int) -> bool:
    return bool(np.all(values == values.take([0], axis)))


def _reordered(got: Array, want: Array, scale: float) -> str:
    """The right values of each group of neighbours, in another order."""
    some = want[:SORTED]
    if np.unique(some).size < DISTINCT * some.size:
        return ""
    whole = (want.size,) if want.size <= SORTED else ()
    for width in (*(w for w in ORDERS if want.size % w == 0 and w < want.size), *whole):
        first = width * (SAMPLE // width) or width  # elements that mostly settle it
        if all(_alike_sorted(got[:n], want[:n], width, scale) for n in (first, want.size)):
            where = "" if width == want.size else f" within every {width}"
            return f"the right values in another order{where}"
    return ""


def _alike_sorted(got: Array, want: Array, width: int, scale: float) -> bool:
    own, theirs = (np.sort(a.reshape(-1, width), axis=1) for a in (got, want))
    return near(own, theirs, scale)


def _copied(got: Array, want: Array, wrong: Array, scale: float) -> str:
    """Wrong elements that are the right ones of so many places before or after."""
    values = got[wrong]
    far = np.median(np.abs(values - want[wrong])) > TELLING * scale
    if wrong.size < FEW or not far or np.ptp(values) < TELLING * scale:
        return ""
    some = np.linspace(0, wrong.size - 1, min(SAMPLE, wrong.size)).astype(int)
    likely = np.argsort(np.abs(want - values[0]), kind="stable")[:ORIGINS]
    for by in (int(wrong[0]) - int(origin) for origin in likely):
        inside = wrong[0] >= by > wrong[-1] - want.size
        if not by or not inside or not near(values[some], want[wrong[some] - by], scale):
            continue
        if near(values, want[wrong - by], scale):
            where = "before" if by > 0 else "after"
            return f"wrong elements hold the right values of {abs(by)} places {where}"
    return ""


def _rectangle(wrong: Array, shape: tuple[int, ...]) -> str:
    """A part of the rows and columns, as of a tile, of the last two axes."""
    rows, columns = np.divmod(wrong % (shape[-2] * shape[-1]), shape[-1])
    top, bottom, left, right = (int(x) for x in (
        rows.min(), rows.max(), columns.min(), columns.max(),
    ))  # fmt: skip
    height, width = bottom - top + 1, right - left + 1
    if wrong.size < FEW or height == shape[-2] or width == shape[-1]:
        return ""
    met = np.zeros((height, width), bool)
    met[rows - top, columns - left] = True
    if met.mean() < FILLED:
        return ""
    return f"a tile: rows {top}..{bottom}, columns {left}..{right} are wrong"
