"""Compares an output with the reference; `patterns` says in words what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kernelgepa.judge.patterns import pattern
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
    return Comparison(matching, total, mismatch(parameter, left, right, good, want.shape))


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


def mismatch(
    parameter: Parameter, got: Array, want: Array, good: Array, shape: tuple[int, ...] = ()
) -> Mismatch:
    """Of flat arrays; `shape` is the output's."""
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
        pattern=pattern(parameter, got, want, wrong, shape),
    )


def _largest(values: Array) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.max()) if finite.size else float("inf")
