"""Which errors are those of another order of summation, and which are not."""

from __future__ import annotations

import numpy as np
import pytest

from kernelgepa.measured.outputs import Answer, Output, Own, compared
from kernelgepa.tasks.arrays import Array

FACTOR = 16.0


def answer(values: Array) -> Answer:
    made = np.ascontiguousarray(values)
    steps = tuple(s // made.itemsize for s in made.strides)
    return Answer("tensor", (Output(made.shape, str(made.dtype), steps, "cpu", made.tobytes()),))


def good(got: Array, want: Array, exact: Array | None, own: Own | None = None) -> bool:
    truth = None if exact is None else answer(exact)
    return compared(answer(got), answer(want), truth, FACTOR, None, own).good


def few_large_rows(scale: float) -> tuple[Array, Array, Array]:
    """Sums of 64 products in two orders, of which 16 rows of 16384 are far larger; and in float64.

    What of the large ones cancels is off by more than its own size and the error of all allow.
    """
    rng = np.random.default_rng(3)
    x = rng.standard_normal((16384, 64), dtype=np.float32)
    x[::1024] *= np.float32(scale)
    y = rng.standard_normal((64, 64), dtype=np.float32)
    y[32:] = -y[:32] * np.float32(1 + 1e-4)
    x[::1024, 32:] = x[::1024, :32]
    plain = np.zeros((16384, 64), np.float32)
    for k in range(64):
        plain += x[:, k : k + 1] * y[k]
    return plain, x @ y, x.astype(np.float64) @ y.astype(np.float64)


@pytest.mark.parametrize("oracle", [True, False])
def test_what_cancels_beside_large_values_may_be_off_by_their_share(oracle: bool):
    plain, want, exact = few_large_rows(1e6)
    size, error = (float(np.sqrt(np.square(v).mean())) for v in (exact, want - exact))
    own, truth = Own((error,), (error / size,)), exact if oracle else None
    assert good(plain, want, truth, own)
    plain[1024, 5] += 0.1 * np.abs(want[1024]).max()
    assert not good(plain, want, truth, own)


def test_what_a_reference_is_off_grows_and_falls_with_its_values():
    """The error is known of inputs that make values of 1000; others make those of 1."""
    rng = np.random.default_rng(3)
    want = rng.standard_normal((256, 64), dtype=np.float32)
    known = Own((1e-3,), (1e-6,))
    assert not good(want + np.float32(1e-3), want, None, known)
    large, noise = want * np.float32(1e6), rng.standard_normal(want.shape, dtype=np.float32)
    assert good(large + 8 * noise, large, None, known)


def test_a_sum_may_be_off_by_more_the_more_it_adds_up():
    total = np.full((1,), 0.3, np.float32)
    off = total * np.float32(1 + 1.4e-4)
    assert good(off, total, total.astype(np.float64), Own(terms=1 << 22))
    assert not good(off, total, total.astype(np.float64), Own(terms=1 << 16))
    assert not good(total * np.float32(1.001), total, total.astype(np.float64), Own(terms=1 << 30))


def test_half_precision_is_seen_whatever_is_added_up():
    values = np.random.default_rng(3).standard_normal((64, 64), dtype=np.float32)
    rounded = values.astype(np.float16).astype(np.float32)
    assert not good(rounded, values, values.astype(np.float64), Own(terms=1 << 30))
