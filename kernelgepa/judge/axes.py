"""What wrong elements have in common along the axes of an output: exchanged axes, a factor or a
difference of each row or each channel, sums along another axis."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from kernelgepa.tasks.arrays import Array

MOST = 1 << 22  # elements that are looked at this way
SHARE = 0.2  # of the elements must be wrong, and usable
NEAR = 5e-3  # of the values' size
MEMBERS = 4  # of a group that must count
SMALL = 0.02  # of the values' size: values below say little of a factor


def of_axes(got: Array, want: Array, wrong: int) -> str:
    """Empty where nothing fits. Of arrays in their shape, of which `wrong` elements are wrong."""
    sizes = tuple(n for n in want.shape if n > 1)
    usable = len(sizes) > 1 and want.size <= MOST and wrong >= SHARE * want.size
    if not usable or not (np.isfinite(got).all() and np.isfinite(want).all()):
        return ""
    if np.ptp(want) == 0 or np.ptp(got) == 0:
        return ""
    scale = float(np.sqrt(np.mean(np.square(want))))
    return (
        _exchanged(got, want, scale)
        or _shifted(got, want, scale)
        or _sums(got, want)
        or _factors(got, want, scale)
        or _differences(got, want, scale)
    )


def near(one: Array, other: Array, scale: float) -> bool:
    """Within a small share of the values, or of their usual size."""
    return bool(np.all(np.abs(one - other) <= NEAR * np.maximum(np.abs(other), scale)))


def _exchanged(got: Array, want: Array, scale: float) -> str:
    """The right values, in the order of a transposed output."""
    for i, j in itertools.combinations(range(want.ndim), 2):
        shape = list(want.shape)
        if 1 in (shape[i], shape[j]):
            continue
        shape[i], shape[j] = shape[j], shape[i]
        if near(got.reshape(shape).swapaxes(i, j), want, scale):
            return f"the right values, with axes {i} and {j} exchanged"
    return ""


def _shifted(got: Array, want: Array, scale: float) -> str:
    """The right values at another place of each row."""
    for by in (1, -1, 2, -2):
        if want.shape[-1] <= 2 * abs(by):
            continue
        left = got[..., by:] if by > 0 else got[..., :by]
        right = want[..., :-by] if by > 0 else want[..., -by:]
        if np.ptp(right) > 0 and near(left, right, scale):
            count = f"{abs(by)} place{'s' * (abs(by) > 1)}"
            return f"the right values, {count} too {'late' if by > 0 else 'early'} in each row"
    return ""


def _sums(got: Array, want: Array) -> str:
    """Both are normalised, over different axes."""
    axes = [i for i, n in enumerate(want.shape) if n > 1]

    def normalised(values: Array) -> list[int]:
        return [i for i in axes if np.allclose(values.sum(axis=i), 1.0, atol=1e-2)]

    own, theirs = normalised(got), normalised(want)
    if own and theirs and not set(own) & set(theirs):
        return f"its sums along axis {own[0]} are 1, the reference's along axis {theirs[0]}"
    return ""


def _groups(ndim: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """In words, and the axes that are gone through within a group; large groups first."""
    row = (ndim - 1,)
    for axis in range(ndim):
        rest = tuple(i for i in range(ndim) if i != axis)
        yield "each row" if rest == row else f"each place along axis {axis}", rest
    if ndim > 2:
        yield "each row", row


def _factors(got: Array, want: Array, scale: float) -> str:
    """Each group is the reference's times one number."""
    told = (np.abs(want) > SMALL * scale) & (got != 0)
    ratio = np.divide(got, want, out=np.ones_like(want), where=told)
    found = _one_each(ratio, told, 1.0)
    if not found:
        return ""
    where, low, high = found
    return f"{where} is the reference's times a number of its own ({low:.3g} to {high:.3g})"


def _differences(got: Array, want: Array, scale: float) -> str:
    """Each group is the reference's plus one number; zeros may come of a rectifier."""
    told = (want != 0) & (got != 0)
    found = _one_each(got - want, told, 0.0, NEAR * scale)
    if not found:
        return ""
    where, low, high = found
    return f"{where} is off by a number of its own ({low:.3g} to {high:.3g})"


def _one_each(
    values: Array, told: Array, neutral: float, spread: float | None = None
) -> tuple[str, float, float] | None:
    """The grouping in which all values that count are one number each, and their range.

    `neutral` is the number that changes nothing; `spread` what values of a group may differ by, by
    default a share of them.
    """
    if told.mean() < SHARE:
        return None
    for where, axes in _groups(values.ndim):
        low = values.min(axis=axes, where=told, initial=np.inf)
        high = values.max(axis=axes, where=told, initial=-np.inf)
        counts = told.sum(axis=axes)
        full = counts >= MEMBERS
        if full.mean() < 0.5 or full.sum() < 2:
            continue
        low, high = low[full], high[full]
        allowed = NEAR * np.maximum(np.abs(low), np.abs(high)) if spread is None else spread
        off = np.maximum(np.abs(low - neutral), np.abs(high - neutral)).max()
        if np.all(high - low <= allowed) and off > 10 * np.max(allowed):
            return where, float(low.min()), float(high.max())
    return None
