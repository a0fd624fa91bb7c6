"""Compares an output with the reference and says in words what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kernelgepa.task import INTEGERS, Parameter, Tolerance
from kernelgepa.tasks.arrays import Array
from kernelgepa.verdict import Mismatch

WORST = 5
# A float that has overflowed on the way to an infinite reference may have saturated instead.
SATURATED = 1e38


@dataclass(frozen=True)
class Comparison:
    """How many of `total` elements match; `mismatch` is None where all do."""

    matching: int
    total: int
    mismatch: Mismatch | None


def compare(
    parameter: Parameter, got: Array, want: Array, tolerance: Tolerance, integers: str
) -> Comparison:
    """`got` and `want` have the same shape. `integers`: "exact" or "tolerance"."""
    left = got.astype(np.float64).reshape(-1)
    right = want.astype(np.float64).reshape(-1)
    if parameter.dtype in INTEGERS and integers == "exact":
        good = left == right  # 32-bit integers are exact in float64
    else:
        good = _close(left, right, tolerance)
    matching, total = int(good.sum()), int(good.size)
    if matching == total:
        return Comparison(matching, total, None)
    return Comparison(matching, total, mismatch(parameter, left, right, good))


def _close(got: Array, want: Array, tolerance: Tolerance) -> Array:
    finite = np.isfinite(want)
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(got - want) <= tolerance.atol + tolerance.rtol * np.abs(want)
    same = np.where(
        np.isnan(want),
        ~np.isfinite(got),
        (np.sign(got) == np.sign(want)) & (np.abs(got) > SATURATED),
    )
    return np.where(finite, near & np.isfinite(got), same)


def mismatch(parameter: Parameter, got: Array, want: Array, good: Array) -> Mismatch:
    wrong = np.flatnonzero(~good)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        error = np.abs(got - want)
        relative = error / np.abs(want)
    ranked = np.nan_to_num(error, nan=np.inf, posinf=np.inf)
    worst = wrong[np.argsort(-ranked[wrong], kind="stable")[:WORST]]
    return Mismatch(
        output=parameter.name,
        total=int(good.size),
        matching=int(good.sum()),
        worst=tuple((int(i), float(want[i]), float(got[i])) for i in worst),
        max_abs_error=_largest(error[wrong]),
        max_rel_error=_largest(relative[wrong]),
        first=int(wrong[0]),
        pattern=pattern(parameter, got, want, wrong),
    )


def _largest(values: Array) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.max()) if finite.size else float("inf")


def pattern(parameter: Parameter, got: Array, want: Array, wrong: Array) -> str:
    """The simplest description that fits all wrong elements; empty where none does."""
    for describe in (_not_finite, _constant, _values, _places):
        text = describe(parameter, got, want, wrong)
        if text:
            return text
    return ""


def _not_finite(parameter: Parameter, got: Array, want: Array, wrong: Array) -> str:
    bad = int((~np.isfinite(got[wrong])).sum())
    if bad == 0:
        return ""
    return f"{bad} elements are NaN or infinite where the reference is finite"


def _constant(parameter: Parameter, got: Array, want: Array, wrong: Array) -> str:
    if got.size < 2 or not np.all(got == got[0]) or np.all(want == want[0]):
        return ""
    if got[0] == 0:
        return "every element is zero"
    return f"every element is {got[0]:g}"


def _values(parameter: Parameter, got: Array, want: Array, wrong: Array) -> str:
    """Relations between the wrong values and the right ones."""
    if wrong.size < 2:
        return ""
    left, right = got[wrong], want[wrong]
    if np.all(left == 0):
        return "all wrong elements are zero"
    if np.allclose(left, -right, rtol=1e-2) and np.any(right != 0):
        return "the sign is wrong"
    step = left - right
    if np.all(step == step[0]):
        return f"all wrong elements are off by {step[0]:g}"
    if parameter.dtype in INTEGERS:
        bits = np.iinfo(parameter.dtype).bits
        if np.all(np.mod(step, 2.0**bits) == 0):
            return f"wrapped around at {bits} bits"
        info = np.iinfo(parameter.dtype)
        at_limit = (right == info.min) | (right == info.max)
        if np.all(at_limit):
            return "the reference saturates where these elements do not"
        if np.all((left == info.min) | (left == info.max)):
            return "these elements are saturated, the reference is not"
        if np.all(np.abs(step) == 1):
            return "off by one: another rounding than the reference's"
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = left / right
    if np.all(np.isfinite(ratio)) and np.ptp(ratio) <= 0.02 * abs(ratio[0]) and ratio[0] != 0:
        return f"all wrong elements are {ratio.mean():.3g} times the reference"
    return ""


def _places(parameter: Parameter, got: Array, want: Array, wrong: Array) -> str:
    """Where the wrong elements lie."""
    first, last, size = int(wrong[0]), int(wrong[-1]), got.size
    if wrong.size == size:
        return "every element is wrong"
    if wrong.size == last - first + 1 and wrong.size > 1:
        if last == size - 1:
            return f"tail: all elements from {first} to the end differ"
        if first == 0:
            return f"head: elements 0..{last} differ, the rest is right"
        return f"one block: elements {first}..{last} differ"
    for period in (2, 4, 8, 16, 32, 64):
        lanes = np.unique(wrong % period)
        if lanes.size == 1 and wrong.size >= 2 and wrong.size * period * 2 >= size:
            return (
                f"elements {int(lanes[0])}, {int(lanes[0]) + period}, ... (every {period}th) differ"
            )
    shifted = _shift(got, want)
    if shifted:
        return f"the right values, {abs(shifted)} places too {'late' if shifted > 0 else 'early'}"
    if wrong.size == 1:
        return f"only element {first} differs"
    return ""


def _shift(got: Array, want: Array) -> int:
    for by in (1, -1, 2, -2, 4, 8, 16, 32, -4, -8, -16, -32):
        if abs(by) * 2 >= got.size:
            continue
        left, right = (got[by:], want[:-by]) if by > 0 else (got[:by], want[-by:])
        if np.array_equal(left, right) and np.ptp(right) > 0:
            return by
    return 0
