"""What the operations of the AIE API mean, in numpy. The simulated core is compared with this.

Written from the public documentation: AI Engine API User Guide (UG1529), AI Engine-ML kernel guide
(UG1603, "Rounding and Saturation Modes"), AI Engine-ML intrinsics (UG1583, mode values). Nothing
here is derived from the simulator's own operations; arithmetic is exact (Python integers) wherever
a rounding decision is taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np

BF16 = np.dtype(ml_dtypes.bfloat16)
Array = np.ndarray[Any, Any]

# UG1583: values of the rounding register; UG1603: their meaning.
ROUNDING = (
    "floor", "ceil", "symmetric_floor", "symmetric_ceil", "negative_inf", "positive_inf",
    "symmetric_zero", "symmetric_inf", "conv_even", "conv_odd",
)  # fmt: skip
SATURATION = ("none", "saturate", "symmetric")


def rounded(numerator: int, denominator: int, mode: str) -> int:
    """The integer that `mode` gives for an exact quotient; the denominator is positive."""
    low, rest = divmod(numerator, denominator)
    if rest == 0:
        return low
    high, negative = low + 1, numerator < 0
    toward_zero, away = (high, low) if negative else (low, high)
    directed = {
        "floor": low, "ceil": high, "symmetric_floor": toward_zero, "symmetric_ceil": away,
    }  # fmt: skip
    if mode in directed:
        return directed[mode]
    if 2 * rest != denominator:
        return low if 2 * rest < denominator else high
    even, odd = (low, high) if low % 2 == 0 else (high, low)
    return {
        "negative_inf": low, "positive_inf": high, "symmetric_zero": toward_zero,
        "symmetric_inf": away, "conv_even": even, "conv_odd": odd,
    }[mode]  # fmt: skip


def wrapped(value: int, bits: int, signed: bool) -> int:
    value %= 1 << bits
    return value - (1 << bits) if signed and value >> (bits - 1) else value


def limited(value: int, bits: int, signed: bool, mode: str) -> int:
    """Brings a value into `bits` bits under a saturation mode."""
    if mode == "none":
        return wrapped(value, bits, signed)
    top = (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1
    bottom = 0 if not signed else -top if mode == "symmetric" else -top - 1
    return min(max(value, bottom), top)


def width(dtype: str) -> tuple[int, bool]:
    """Bits and signedness of an integer type."""
    d = np.dtype(dtype)
    return d.itemsize * 8, d.kind == "i"


def integers(values: Iterable[Any]) -> list[int]:
    return [int(v) for v in np.asarray(values).ravel()]


def to_dtype(values: Iterable[int], dtype: str) -> Array:
    bits, signed = width(dtype)
    return np.array([wrapped(int(v), bits, signed) for v in values], dtype=dtype)


def srs(
    acc: Iterable[Any], dtype: str, shift: int = 0, rnd: str = "floor", sat: str = "none"
) -> Array:
    """Shift, round, saturate: accumulator lanes to a vector of `dtype`."""
    bits, signed = width(dtype)
    scaled = (rounded(v, 1 << shift, rnd) for v in integers(acc))
    return np.array([limited(v, bits, signed, sat) for v in scaled], dtype=dtype)


def ups(values: Iterable[Any], acc_bits: int, shift: int = 0, sat: str = "none") -> Array:
    """Vector to accumulator, shifted up; lanes as int64."""
    lanes = [limited(v << shift, acc_bits, True, sat) for v in integers(values)]
    return np.array(lanes, dtype=np.int64)


def acc(values: Iterable[Any], bits: int) -> Array:
    """Sums as an accumulator of `bits` keeps them."""
    return np.array([wrapped(int(v), bits, True) for v in np.asarray(values).ravel()], np.int64)


def wide(values: Array) -> Array:
    """Exact integers: Python numbers in an object array."""
    return np.array(integers(values), dtype=object)


@np.errstate(all="ignore")
def flush(values: Array) -> Array:
    """float32 with subnormals replaced by zero of the same sign."""
    v = np.asarray(values, np.float32)
    tiny = np.abs(v) < np.finfo(np.float32).smallest_normal
    return np.where(tiny, np.copysign(np.float32(0), v), v).astype(np.float32)


def _to_bf16(value: float, mode: str) -> float:
    if value == 0 or not math.isfinite(value):
        return value
    _, exponent = math.frexp(value)  # |value| in [2^(e-1), 2^e)
    ulp = Fraction(2) ** (exponent - 8)  # eight significant bits
    exact = Fraction(value) / ulp
    result = rounded(exact.numerator, exact.denominator, mode) * ulp
    if abs(result) >= Fraction(2) ** 128:
        return math.copysign(math.inf, value)
    return float(result) if result else math.copysign(0.0, value)


@np.errstate(all="ignore")
def to_bf16(values: Array, rnd: str) -> Array:
    """accfloat to bfloat16 under a rounding mode. Subnormals flush; overflow becomes infinity."""
    v = flush(np.asarray(values, np.float32))
    return np.array([_to_bf16(float(x), rnd) for x in v.ravel()], np.float32).astype(BF16)


@np.errstate(all="ignore")
def f32(values: Array) -> Array:
    """A vector of bfloat16 as accfloat."""
    return flush(np.asarray(values).astype(np.float32))


@np.errstate(all="ignore")
def mac_f32(c: Array, a: Array, b: Array, sign: int = 1) -> Array:
    """c + sign * a * b, bfloat16 factors: the product is exact in float32, the sum rounded once."""
    product = flush(f32(a) * f32(b))
    return flush(flush(c) + np.float32(sign) * product)


@np.errstate(all="ignore")
def bf16_sum(a: Array, b: Array, rnd: str, sign: int = 1) -> Array:
    return to_bf16(flush(f32(a) + np.float32(sign) * f32(b)), rnd)


@np.errstate(all="ignore")
def bf16_product(a: Array, b: Array, rnd: str) -> Array:
    return to_bf16(flush(f32(a) * f32(b)), rnd)


def to_fixed(values: Array, dtype: str, shift: int = 0) -> Array:
    """Float lanes to fixed point. UG1529, floating-point conversion: bfloat16 to signed 16 and 32
    bits is native and rounds down (16 bits: the low half of the 32-bit result); everything else is
    emulated and rounds to nearest even."""
    bits, signed = width(dtype)
    native = values.dtype == BF16 and signed and bits >= 16
    out = []
    for v in flush(values.astype(np.float32)).ravel():
        exact = Fraction(float(v)) * Fraction(2) ** shift
        lane = rounded(exact.numerator, exact.denominator, "floor" if native else "conv_even")
        lane = limited(lane, 32, True, "saturate")
        out.append(
            wrapped(lane, bits, signed) if native else limited(lane, bits, signed, "saturate")
        )
    return np.array(out, dtype)


@np.errstate(all="ignore")
def to_float(values: Array, shift: int = 0) -> Array:
    """Fixed point to float32, nearest even, scaled by 2^-shift."""
    return flush(values.astype(np.float64).astype(np.float32) * np.float32(2.0**-shift))


# --- inverses ----------------------------------------------------------------------------------
# The API's approximations: Moroz and others, "An Effective Floating-Point Reciprocal" (2018), and
# J. Kadlec's inverse square root. bfloat16 operands are rounded to bfloat16 after each step.
def _steps(v: Array, rnd: str) -> Callable[[Array], Array]:
    return (lambda x: to_bf16(x, rnd)) if v.dtype == BF16 else (lambda x: x)


def _constant(v: Array, x: float) -> Array:
    return np.full(v.shape, x, v.dtype)


@np.errstate(all="ignore")
def inverse(v: Array, rnd: str) -> Array:
    kept, zero, bits = _steps(v, rnd), np.zeros(v.shape, np.float32), f"<i{v.itemsize}"
    magic = 0x7EB5 if v.itemsize == 2 else 0x7EB53567
    y = (np.array(magic, bits) - v.view(bits)).view(v.dtype)
    t = kept(mac_f32(np.full(v.shape, np.float32(1.436142)), v, y, -1))
    y = kept(mac_f32(zero, kept(mac_f32(zero, t, y)), _constant(v, 1.9395974), -1))
    t = kept(mac_f32(np.full(v.shape, np.float32(2)), y, v))
    return kept(mac_f32(zero, y, t, -1))


@np.errstate(all="ignore")
def inverse_root(v: Array, rnd: str) -> Array:
    kept, zero = _steps(v, rnd), np.zeros(v.shape, np.float32)
    scale = np.float32(0.703952253)
    half = srs(f32(v).view(np.int32), "int32", 1, rnd)
    y = kept((np.int32(0x5F1FFFF9) - half).view(np.float32))
    scaled, square = kept(mac_f32(zero, v, _constant(v, scale))), kept(mac_f32(zero, y, y))
    start = np.full(v.shape, scale * np.float32(2.38924456))
    return kept(mac_f32(zero, y, kept(mac_f32(start, scaled, square, -1))))


# --- masks -------------------------------------------------------------------------------------
def select(a: Array, b: Array, mask: Array) -> Array:
    """b where the mask is set, else a."""
    return np.where(mask, b, a).astype(a.dtype)


def mask_words(mask: Array) -> Array:
    """Bits of a mask as 32-bit words, lane 0 in bit 0 of word 0."""
    padded = np.zeros(-(-len(mask) // 32) * 32, bool)
    padded[: len(mask)] = mask
    weights = (1 << np.arange(32, dtype=np.uint64)).astype(np.uint64)
    words = (padded.reshape(-1, 32) * weights).sum(axis=1).astype(np.uint64)
    return words.astype(np.uint32)


# --- moving lanes ------------------------------------------------------------------------------
def rotate_down(v: Array, n: int) -> Array:
    """Lane i of the result is lane i + n."""
    return np.roll(v, -n)


def down_fill(v: Array, fill: Array, n: int) -> Array:
    return np.concatenate([v[n:], fill[:n]])


def up_fill(v: Array, fill: Array, n: int) -> Array:
    return np.concatenate([fill[len(v) - n :], v[: len(v) - n]])


def zipped(a: Array, b: Array, step: int) -> tuple[Array, Array]:
    """Blocks of `step` lanes of a and b, alternating; lower and upper half."""
    both = np.stack([a.reshape(-1, step), b.reshape(-1, step)], axis=1).ravel()
    return both[: len(a)], both[len(a) :]


def unzipped(a: Array, b: Array, step: int) -> tuple[Array, Array]:
    """Even and odd blocks of `step` lanes of a followed by b."""
    blocks = np.concatenate([a, b]).reshape(-1, 2, step)
    return blocks[:, 0].ravel(), blocks[:, 1].ravel()


def transposed(v: Array, rows: int, columns: int) -> Array:
    return v.reshape(rows, columns).T.ravel()


# --- sums over lanes ---------------------------------------------------------------------------
def lane_tree(v: Array, f: Callable[[Array, Array], Array]) -> Array:
    """Halves folded onto each other until one lane is left."""
    while len(v) > 1:
        half = len(v) // 2
        v = f(v[:half], v[half:])
    return v[0]


@np.errstate(all="ignore")
def float_sum(v: Array) -> Array:
    return lane_tree(flush(v), lambda a, b: flush(a + b))


def integer_sum(v: Array) -> Array:
    """Wraps at the element's width."""
    return to_dtype([sum(integers(v))], str(v.dtype))[0]


# --- matrices ----------------------------------------------------------------------------------
def matrix_product(a: Array, b: Array, m: int, k: int, n: int) -> Array:
    """Row-major (m x k) times (k x n), exact integers, row-major."""
    left, right = wide(a).reshape(m, k), wide(b).reshape(k, n)
    return (left @ right).ravel()


@np.errstate(all="ignore")
def float_matrix_product(c: Array, a: Array, b: Array, m: int, k: int, n: int) -> Array:
    """float32 accumulation, one term after another along k."""
    left, right = f32(a).reshape(m, k), f32(b).reshape(k, n)
    total = flush(c).reshape(m, n)
    for i in range(k):
        total = flush(total + flush(left[:, i : i + 1] * right[i : i + 1]))
    return total.ravel()
