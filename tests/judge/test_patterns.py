"""What wrong elements have in common is said in words that a rule of feedback/ knows."""

from __future__ import annotations

import numpy as np
import pytest

from kernelgepa.feedback.tables import pattern as rule_of
from kernelgepa.judge.patterns import pattern
from kernelgepa.task import INTEGERS, Parameter
from kernelgepa.tasks.arrays import Array

DRAW = np.random.default_rng(11)
X = DRAW.standard_normal((24, 36))
BIAS = DRAW.standard_normal(36)
IMAGE = DRAW.standard_normal((3, 6, 10, 12))
POWERS = np.exp(X - X.max(axis=1, keepdims=True))
WHOLE = DRAW.integers(-30000, 30000, 512)


def said(got: Array, want: Array, dtype: str = "float32") -> str:
    flat, right = (np.asarray(a, np.float64).reshape(-1) for a in (got, want))
    slack = 0.0 if dtype in INTEGERS else 1e-4
    wrong = np.flatnonzero(~(np.abs(flat - right) <= slack * (1 + np.abs(right))))
    return pattern(Parameter("out", "out", dtype), flat, right, wrong, want.shape)


def later(values: Array) -> Array:
    made = np.zeros_like(values)
    made[:, 1:] = values[:, :-1]
    return made


def unwritten(values: Array, columns: slice) -> Array:
    made = values.copy()
    made[:, columns] = np.nan
    return made


def halved(values: Array) -> Array:
    made = values.reshape(-1, 2, 6).copy()
    made[:, 1] = made[:, 0]
    return made.reshape(values.shape)


def spoiled(values: Array) -> Array:
    made = values.copy()
    made[8:16, 12:24] = DRAW.standard_normal((8, 12))
    return made


def truncated(values: Array) -> Array:
    bits = values.astype(np.float32).view(np.uint32) & np.uint32(0xFFFF0000)
    return bits.view(np.float32).astype(np.float64)


CASES = {
    "transposed": (X.T.copy().reshape(X.shape), X, "axes 0 and 1 exchanged"),
    "heads exchanged": (
        IMAGE.swapaxes(1, 2).copy().reshape(IMAGE.shape), IMAGE, "axes 1 and 2 exchanged",
    ),
    "not divided by the sum": (
        POWERS, POWERS / POWERS.sum(axis=1, keepdims=True), "each row is the reference's times",
    ),
    "normalised over columns": (
        POWERS / POWERS.sum(axis=0), POWERS / POWERS.sum(axis=1, keepdims=True),
        "its sums along axis 0 are 1, the reference's along axis 1",
    ),
    "without the bias": (X, X + BIAS, "each place along axis 1 is off by"),
    "without the bias, rectified": (
        np.maximum(X, 0), np.maximum(X + BIAS, 0), "each place along axis 1 is off by",
    ),
    "without the scale of channels": (
        IMAGE, IMAGE * (2 + np.arange(6).reshape(1, 6, 1, 1)),
        "each place along axis 1 is the reference's times",
    ),
    "without the maximum": (X, X - X.max(axis=1, keepdims=True), "each row is off by"),
    "exclusive": (later(X.cumsum(axis=1)), X.cumsum(axis=1), "1 place too late in each row"),
    "not rectified": (X, np.maximum(X, 0), "the reference is 0 at all wrong elements"),
    "in half precision": (X + 2e-3 * DRAW.standard_normal(X.shape), X, "all are close"),
    "not scaled": (8 * X + 0.5 * X[::-1], X, "as large on the whole"),
    "half of the columns": (
        unwritten(X, slice(18, 36)), X, "places 18..35 of rows, as if never written",
    ),
    "variance of n - 1": (X.var(axis=1), X.var(axis=1, ddof=1), "0.972 times the reference"),
    "first batch alone": (
        np.broadcast_to(IMAGE[:1], IMAGE.shape), IMAGE, "the same at all places along axis 0",
    ),
    "rows reversed in fours": (
        X.reshape(-1, 4)[:, ::-1].reshape(X.shape), X, "in another order within every 4",
    ),
    "pairs swapped": (
        X.reshape(-1, 2)[:, ::-1].reshape(X.shape) * (1 + 1e-6), X,
        "in another order within every 2",
    ),
    "one half stored twice": (
        halved(X) * (1 + 1e-6), X, "hold the right values of 6 places before",
    ),
    "a tile of noise": (spoiled(X), X, "a tile: rows 8..15, columns 12..23 are wrong"),
    "not reset": (np.vstack([X[:1], X.cumsum(axis=0)[1:]]), X, "from element 36 on"),
    "truncated to bfloat16": (
        truncated(X @ X.T), X @ X.T, "all are close",
    ),
    "some NaN": (unwritten(X, slice(3, 4)), X, "24 elements are NaN"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_of_floats(name: str) -> None:
    got, want, words = CASES[name]
    found = said(got, want)
    assert words in found
    assert ("never written" in found) == ("never written" in words)
    for target in ("torch", "cuda", "triton", "npu-sim"):
        rule = rule_of(found, target)
        assert rule is not None and not rule.vague
        assert rule.sections


@pytest.mark.parametrize(
    ("got", "want", "dtype", "words"),
    [
        (WHOLE >> 6, WHOLE, "int32", "0.0156 (2^-6) times the reference"),
        (WHOLE * 3, WHOLE, "int32", "3 times the reference"),
        (np.where(WHOLE % 256 > 127, WHOLE % 256 - 256, WHOLE % 256), WHOLE % 256, "int32",
         "wrapped around at 8 bits"),
        (np.array([-1500]), np.array([64036]), "int32", "wrapped around at 16 bits"),
        (np.array([0]), np.array([7]), "int32", "the only element is zero"),
        (np.array([3]), np.array([7]), "int32", "the only element is wrong"),
        (np.where(np.arange(512) < 16, WHOLE, WHOLE + DRAW.integers(1, 900, 512)), WHOLE, "int32",
         "from element 16 on all differ, those before are right"),
        (np.where(np.arange(512) < 480, WHOLE, WHOLE + DRAW.integers(1, 900, 512)), WHOLE, "int32",
         "tail: all elements"),
        (np.where(np.arange(512) > 1, WHOLE + DRAW.integers(1, 900, 512), WHOLE), WHOLE, "int32",
         "from element 2 on all differ"),
    ],
)  # fmt: skip
def test_of_whole_numbers(got: Array, want: Array, dtype: str, words: str) -> None:
    assert words in said(got, want, dtype)


def test_what_is_alike_by_chance_is_not_said() -> None:
    for _ in range(20):
        one, other = DRAW.standard_normal((2, 16, 8))
        assert said(one, other) in ("every element is wrong", "almost every element is wrong")
    for _ in range(5):
        one, other = DRAW.standard_normal((2, 4, 4096))
        assert said(one, other).endswith("every element is wrong")
        one[:2, 1:] = other[:2, 1:]
        assert "hold the right" not in said(one, other)
    for _ in range(20):  # a few right by chance at either end are no part that is right
        one, other = DRAW.standard_normal((2, 16, 8))
        one[0, :3], one[-1, -2:] = other[0, :3], other[-1, -2:]
        assert said(one, other) in ("every element is wrong", "almost every element is wrong")
    assert "times" not in said(X * (1 + 2e-3 * DRAW.standard_normal(X.shape)), X)
