# ruff: noqa: E501 (a table)
"""The kernels of tests/aie/kernels: their interfaces, inputs, and what they compute, by the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import model
from .machine import Array, edge_floats, edge_integers
from .model import bf16_product, bf16_sum, f32, mac_f32, srs, to_bf16, to_dtype, wide

ENTRY = "positive_inf"  # the rounding mode at entry
Values = dict[str, Array]
BF1 = np.array(1, model.BF16)


@dataclass(frozen=True)
class KernelCase:
    """`expected` maps inputs (and scalars) to outputs. `relative`: tolerance, 0 for equal bits."""

    inputs: Mapping[str, tuple[str, int]]
    outputs: Mapping[str, tuple[str, int]]
    expected: Callable[[Values], Mapping[str, Any]]
    scalars: Mapping[str, tuple[str, tuple[float, ...]]] = field(default_factory=dict)
    special: bool = True  # infinities, NaN, subnormals among the floats
    relative: float = 0.0
    prepare: Callable[[Values], None] = lambda values: None

    def values(self, seed: int) -> Values:
        made: Values = {}
        for i, (name, (dtype, count)) in enumerate(self.inputs.items()):
            if "int" in dtype:
                made[name] = edge_integers(dtype, count, 10 * seed + i)
            else:
                made[name] = edge_floats(dtype, count, 10 * seed + i, self.special and seed > 0)
        self.prepare(made)
        return made


def bf(value: float) -> Array:
    return np.array(value, model.BF16)


def wrap(values: Array, dtype: str) -> Array:
    return to_dtype(values, dtype)


def dots(a: Array, b: Array, lanes: int, bits: int = 32) -> Array:
    """Products summed lane by lane over vectors of `lanes`, as an accumulator keeps them."""
    return model.acc((wide(a) * wide(b)).reshape(-1, lanes).sum(axis=0), bits)


def float_chain(terms: list[tuple[Array, Array]], start: Array) -> Array:
    for a, b in terms:
        start = mac_f32(start, a, b)
    return start


def rows(v: Array, lanes: int) -> list[Array]:
    return list(v.reshape(-1, lanes))


def maximum(a: Array, b: Array) -> Array:
    """max as the core has it: the first operand where it is greater, else the second."""
    x, y = np.asarray(a), np.broadcast_to(b, np.shape(a))
    return np.where(x.astype(np.float64) > y.astype(np.float64), x, y).astype(x.dtype)


def minimum(a: Array, b: Array) -> Array:
    x, y = np.asarray(a), np.broadcast_to(b, np.shape(a))
    return np.where(x.astype(np.float64) < y.astype(np.float64), x, y).astype(x.dtype)


def operators_int32(v: Values) -> Values:
    a, b = wide(v["a"]), wide(v["b"])
    r = wrap(a + b - 3 + b - a, "int32")
    m = v["a"] <= v["b"]
    n = (v["a"] > v["b"]) & (v["a"] > 0) & (v["b"] <= 100)
    return {"out": wrap(-wide(r), "int32"), "chosen": np.where(n, r, np.where(m, v["b"], v["a"]))}


def operators_using(v: Values) -> Values:
    a, b = v["a"], v["b"]
    r = (a & b) | (a ^ b)
    r = r ^ (~a & b)
    r = r ^ (a << np.uint16(2))
    return {"out": r & (b | (a >> np.uint16(3)))}


def negmul_int8(v: Values) -> Values:
    a, b = wide(v["a"]), wide(v["b"])
    return {"out": wrap(-(a * b), "int16"), "twice": wrap(5 * a + 9 * b - 2 * a, "int32")}


def squares_bf16(v: Values) -> Values:
    a = v["a"]
    total = float_chain([(r, r) for r in rows(a, 16)], np.zeros(16, np.float32))
    return {"one": bf16_product(a, a, ENTRY), "sum": total}


def squares_int16(v: Values) -> Values:
    a = wide(v["a"])
    total = dots(v["a"], v["a"], 16, 64)
    return {"one": wrap(a * a, "int32"), "sum": srs(total, "int32", 4, ENTRY)}


def leaky_relu(v: Values) -> Values:
    a = v["in"]
    scaled = bf16_product(a, np.full(len(a), bf(0.1)), ENTRY)
    return {"out": model.select(scaled, a, model.flush(f32(a)) > 0)}


def saturating(v: Values) -> Values:
    a, b = wide(v["a"]), wide(v["b"])
    ua, ub = wide(v["a"].view(np.uint8)), wide(v["b"].view(np.uint8))

    def limit(x: Array, low: int, high: int) -> Array:
        return np.clip(x, low, high)

    return {
        "sum": wrap(limit(a + b, -128, 127), "int8"),
        "less": wrap(limit(a - b, -128, 127), "int8"),
        "usum": wrap(limit(ua + ub, 0, 255), "uint8"),
    }


def float_lanes(v: Values) -> Values:
    a, b = v["a"], v["b"]
    with np.errstate(all="ignore"):
        return {
            "top": maximum(a, b), "low": minimum(a, b),
            "sum": model.flush(model.flush(a) + model.flush(b)),
            "product": model.flush(model.flush(a) * model.flush(b)),
        }  # fmt: skip


def shifts_int32(v: Values) -> Values:
    a = wide(v["in"])
    return {
        "up": wrap(a << 3, "int32"),
        "down": wrap((a >> 5) + (a >> 1) + (a << 2), "int32"),
        "logical": (v["in"].view(np.uint32) >> np.uint32(7)).view(np.int32),
    }


def divide(v: Values) -> Values:
    a, b = v["a"].astype(np.float64), v["b"].astype(np.float64)
    return {"out": a / b, "third": a / 3}


def hard_sigmoid(v: Values) -> Values:
    a = v["in"]
    line = to_bf16(mac_f32(np.full(len(a), 0.5), a, np.full(len(a), bf(0.125))), ENTRY)
    return {"out": minimum(maximum(line, bf(0)), bf(1))}


def comparisons(v: Values) -> Values:
    a, b = v["a"], v["b"]
    found = [a < b, a <= b, a > b, a >= b, a == b, a != b, a < 1000, a >= 1000]
    return {"counts": np.array([m.sum() for m in found], np.int32)}


def scale_bias(v: Values) -> Values:
    total = (wide(v["bias"]) << 5) + wide(v["in"]) * int(v["scale"])
    return {"out": srs(total, "int8", 6, "conv_even", "saturate")}


def mixed_signs(v: Values) -> Values:
    a, b, c = wide(v["a"]), wide(v["b"]), wide(v["c"])
    return {"one": wrap(a * b, "int32"), "two": wrap(c * a + c * b, "int32")}


def products_int32(v: Values) -> Values:
    total = model.acc(wide(v["a"]) * wide(v["b"]) + wide(v["a"]) * 77, 64)
    return {
        "out": srs(total, "int32", 20, ENTRY, "saturate"),
        "narrow": srs(total, "int16", 32, ENTRY, "saturate"),
    }


def argmax(v: Values) -> Values:
    return {"out": np.array([v["in"].argmax(), v["in"].max()], np.int32)}


def mean_bf16(v: Values) -> Values:
    ones = np.full(16, BF1)
    total = float_chain([(r, ones) for r in rows(v["in"], 16)], np.zeros(16, np.float32))
    return {"out": [model.float_sum(total) * np.float32(1 / 256)]}


def dot_chains(v: Values) -> Values:
    a, b = rows(v["a"], 16), rows(v["b"], 16)
    zero = np.zeros(16, np.float32)
    even = float_chain(list(zip(a[::2], b[::2], strict=True)), zero)
    odd = float_chain(list(zip(a[1::2], b[1::2], strict=True)), zero)
    with np.errstate(all="ignore"):
        return {"out": [model.float_sum(model.flush(even + odd))]}


def dot_int16(v: Values) -> Values:
    a, b = v["a"].reshape(-1, 2, 16), v["b"].reshape(-1, 2, 16)
    x, y = (dots(a[:, i].ravel(), b[:, i].ravel(), 16, 64) for i in (0, 1))
    parts = [srs(wide(x) - wide(y), "int32", 8, ENTRY), srs(wide(x) + wide(y), "int32", 8, ENTRY)]
    return {"out": np.concatenate(parts)}


def norm(v: Values) -> Values:
    squares = float_chain([(r, r) for r in rows(v["in"], 16)], np.zeros(16, np.float32))
    mean = float(model.float_sum(squares)) / 256 + 1e-5
    return {"out": v["in"].astype(np.float64) / np.sqrt(mean)}


def inverses(v: Values) -> Values:
    a = v["in"]
    inverse, root = model.inverse(a, ENTRY), model.inverse_root(a, ENTRY)
    # each bfloat16 step rounds by up to 1 / 256
    near = {"rtol": 1e-3 if a.dtype == np.float32 else 0.01}
    assert np.allclose(f32(inverse), 1 / f32(a), **near)
    assert np.allclose(f32(root), 1 / np.sqrt(f32(a)), **near)
    one = [inverse[0], root[1]]
    if a.dtype == np.float32:
        one = [1 / a[0], np.float32(1 / np.sqrt(np.float64(a[1])))]
    roots = np.sqrt(f32(a)).astype(a.dtype)
    roots[0] = 0
    return {"inverse": inverse, "root": root, "one": one, "square_root": roots}


def reduced_rows(v: Values) -> Values:
    r = rows(v["in"], 16)
    return {
        "sum": np.array([model.integer_sum(x) for x in r]),
        "top": np.array([x.max() for x in r]),
        "low": np.array([x.min() for x in r]),
    }


def variance(v: Values) -> Values:
    centred = wrap(wide(v["in"]) - int(v["mean"]), "int16")
    return {"out": srs(dots(centred, centred, 16, 64), "int32", 7, ENTRY)}


def conv1d_int8(v: Values) -> Values:
    a, t = wide(v["in"]), model.integers(v["taps"])
    total = sum(a[k : k + 128] * t[k] for k in range(3))
    return {"out": srs(total, "int8", 5, ENTRY)}


def conv1d_bf16(v: Values) -> Values:
    a, t = v["in"], v["taps"]
    total = np.zeros(64, np.float32)
    with np.errstate(all="ignore"):
        total = model.flush(f32(a[:64]) * f32(t[0]))
    for k in range(1, 5):
        total = mac_f32(total, a[k : k + 64], np.full(64, t[k]))
    return {"out": to_bf16(total, ENTRY)}


def conv2d_int8(v: Values) -> Values:
    image, t = wide(v["in"])[: 6 * 34].reshape(6, 34), wide(v["taps"]).reshape(-1)[:9].reshape(3, 3)
    total = sum(image[r : r + 4, c : c + 32] * t[r, c] for r in range(3) for c in range(3))
    return {"out": wrap(total.ravel(), "int32")}


def conv_shuffle(v: Values) -> Values:
    a = np.concatenate([[0], wide(v["in"]), [0]])
    return {"out": srs(a[:-2] + 2 * a[1:-1] + a[2:], "int16", 2, ENTRY)}


def avgpool(v: Values) -> Values:
    a, b = v["in"][::2], v["in"][1::2]
    half = np.full(len(a), bf(0.5))
    with np.errstate(all="ignore"):
        return {"out": to_bf16(mac_f32(model.flush(f32(a) * f32(half)), b, half), ENTRY)}


def tiles(v: Array, count: int, m: int, n: int, across: int) -> Array:
    """Tiles of m x n, row by row of tiles, as one matrix of exact integers or floats."""
    grid = v.reshape(count // across, across, m, n)
    return grid.transpose(0, 2, 1, 3).reshape(count // across * m, across * n)


def matmul_int8(v: Values) -> Values:
    a = tiles(wide(v["a"]), 16, 4, 8, 4)
    b = tiles(wide(v["b"]), 8, 8, 8, 2)
    c = (a @ b).reshape(4, 4, 2, 8).transpose(0, 2, 1, 3).ravel()
    return {"c": wrap(c, "int32")}


def matmul_bf16(v: Values) -> Values:
    a, b = v["a"].reshape(2, 2, 32), v["b"].reshape(2, 2, 32)
    out = []
    for i in range(2):
        for j in range(2):
            c = np.zeros(16, np.float32)
            for k in range(2):
                c = model.float_matrix_product(c, a[i, k], b[k, j], 4, 8, 4)
            out.append(c)
    return {"c": np.concatenate(out)}


def matmul_bias(v: Values) -> Values:
    bias = wide(v["bias"]) << 4
    out = [
        srs(bias + model.matrix_product(x, y, 4, 4, 4), "int16", 4, ENTRY)
        for x, y in zip(rows(v["a"], 16), rows(v["b"], 16), strict=True)
    ]
    return {"c": np.concatenate(out)}


def matvec(v: Values) -> Values:
    total = (wide(v["columns"]).reshape(16, 16) * wide(v["x"])[:, None]).sum(axis=0)
    return {"y": srs(total, "int32", 3, ENTRY)}


def narrowed(v: Values) -> Values:
    return {
        "wrapped": srs(v["in"], "int8"),
        "limited": srs(v["in"], "int8", 0, ENTRY, "saturate"),
        "ulimited": srs(v["uin"], "uint8", 0, ENTRY, "saturate"),
    }


def requantised(v: Values) -> Values:
    n = int(v["shift"])
    return {
        "out": srs(v["in"], "int8", n, "symmetric_inf", "saturate"),
        "wide": srs(v["in"], "uint16", n - 4, "symmetric_inf", "saturate"),
    }


def quantised(v: Values) -> Values:
    scaled = bf16_product(v["in"], np.full(128, bf(16)), ENTRY)
    q = model.to_fixed(scaled, "int16")
    return {"out": q, "back": to_bf16(model.to_float(q, 4), ENTRY)}


def exponents(v: Values) -> Values:
    bits = v["in"].view(np.uint16)
    flipped = (bits ^ np.uint16(0x8000)).view(model.BF16)
    return {"exponent": (bits & np.uint16(0x7F80)) >> np.uint16(7), "flipped": flipped}


def transposes(v: Values) -> Values:
    a, w = v["in"], v["wide"]
    out = [model.transposed(a[:64], 8, 8), model.transposed(a[64:], 4, 16)]
    turned = [model.transposed(w[:32], 4, 8), model.transposed(w[:64], 8, 8)]
    return {"out": np.concatenate(out), "turned": np.concatenate(turned)}


def rotations(v: Values) -> Values:
    a, n = v["in"], int(v["n"])
    first, last = np.repeat(a[:1], 16), np.repeat(a[-1:], 16)
    return {
        "up": model.rotate_down(a, -n), "down": model.rotate_down(a, n),
        "edge_up": model.up_fill(a, first, n), "edge_down": model.down_fill(a, last, n),
    }  # fmt: skip


def pieces(v: Values) -> Values:
    a = v["in"]
    swapped = np.concatenate([a[16:], a[:16]])
    joined = np.concatenate([a[24:], a[16:24], a[8:16], a[:8]])
    return {"swapped": swapped, "joined": joined, "grown": np.concatenate([a[:16], a[16:], a])}


def elements(v: Values) -> Values:
    a = wide(v["in"])
    e = [2 * x for x in a[7::-1][:8]]
    e[2] = e[0] + e[1]
    history = np.concatenate([a[9::-1][:10], [0] * 6])
    return {"out": wrap(np.array(e, object), "int32"), "history": wrap(history, "int32")}


def native_accumulators(v: Values) -> Values:
    """Lane i takes products i and i + 16 of each register, one after the other."""
    total = np.zeros(16, np.float32)
    for a, b in zip(rows(v["a"], 16), rows(v["b"], 16), strict=True):
        total = mac_f32(total, a, b)
    return {"out": total, "low": to_bf16(total, ENTRY)}


def accumulators_mixed(v: Values) -> Values:
    a, b = wide(v["a"]), wide(v["b"])
    both = np.concatenate([3 * a[:16], -2 * b[:16]]) + a - b
    swapped = np.concatenate([-both[:16], both[:16]])
    return {"out": wrap(both + swapped, "int32")}


def layer_norm(v: Values) -> Values:
    a = v["in"].astype(np.float64)
    y = (a - a.mean()) / np.sqrt(a.var() + 1e-5)
    return {"out": y * v["gain"].astype(np.float64) + v["bias"].astype(np.float64)}


def rope(v: Values) -> Values:
    x, y = v["in"][::2], v["in"][1::2]
    c, s = v["turns"][::2], v["turns"][1::2]
    with np.errstate(all="ignore"):
        real = to_bf16(mac_f32(model.flush(f32(x) * f32(c)), y, s, -1), ENTRY)
        imaginary = to_bf16(mac_f32(model.flush(f32(x) * f32(s)), y, c), ENTRY)
    return {"out": np.stack([real, imaginary], axis=1).ravel()}


def gated(v: Values) -> Values:
    gate = minimum(maximum(v["in"][:64], bf(-1)), bf(1))
    return {"out": bf16_product(gate, v["in"][64:], ENTRY)}


def grey(v: Values) -> Values:
    r, g, b = wide(v["planes"]).reshape(3, 64)
    return {"out": srs(77 * r + 150 * g + 29 * b, "uint8", 8, "floor", "saturate")}


def free_functions(v: Values) -> Values:
    x, y = model.zipped(v["a"], v["b"], 2)
    total = (wide(x) << 3) + 5 * wide(y) + 4 - 1
    a, b = model.integers(v["a"]), model.integers(v["b"])
    scalars = [a[1] + b[1] if a[0] > b[0] else a[1] - b[1], 4 * a[0], b[0], 1]
    return {
        "out": srs(total, "int16", 3, "conv_odd", "saturate"),
        "scalars": np.array(scalars, np.int32),
    }


def scaled_int32(v: Values) -> Values:
    a, b, c = wide(v["a"]), wide(v["b"]), wide(v["c"])
    return {
        "out": srs(a * b + c * a, "int32", 16, ENTRY),
        "other": srs(-2 * a * b, "int32", 18, ENTRY),
    }


def residual(v: Values) -> Values:
    half = bf16_product(v["in"], np.full(64, bf(0.5)), ENTRY)
    return {"out": bf16_sum(half, v["in"], ENTRY)}


def one(dtype: str, count: int, name: str = "in") -> dict[str, tuple[str, int]]:
    return {name: (dtype, count)}


def two(dtype: str, count: int) -> dict[str, tuple[str, int]]:
    return {"a": (dtype, count), "b": (dtype, count)}


def out(dtype: str, count: int) -> dict[str, tuple[str, int]]:
    return {"out": (dtype, count)}


def outs(dtype: str, count: int, *names: str) -> dict[str, tuple[str, int]]:
    return dict.fromkeys(names, (dtype, count))


def positive(values: Values) -> None:
    for name, v in values.items():
        values[name] = np.abs(v) + np.array(0.01, v.dtype)


def some_equal(values: Values) -> None:
    values["b"] = np.where(np.arange(len(values["b"])) % 3 == 0, values["a"], values["b"])


C = KernelCase
CASES: dict[str, KernelCase] = {
    "add_int8": C(two("int8", 256), out("int8", 256), lambda v: {"out": v["a"] + v["b"]}),
    "add_bf16_iterators": C(
        two("bfloat16", 256), out("bfloat16", 256),
        lambda v: {"out": bf16_sum(v["a"], v["b"], ENTRY)},
    ),
    "sub_int16_scalar": C(
        one("int16", 256, "a"), outs("int16", 256, "down", "up"),
        lambda v: {"down": v["a"] - np.int16(v["s"]), "up": np.int16(v["s"]) - v["a"]},
        {"s": ("int16", (5, -32768, 1234))},
    ),
    "operators_int32": C(
        two("int32", 64), outs("int32", 64, "out", "chosen"), operators_int32, prepare=some_equal,
    ),
    "operators_using": C(two("uint16", 128), out("uint16", 128), operators_using),
    "mul_int8_shift": C(
        two("int8", 256), out("int8", 256),
        lambda v: {"out": srs(wide(v["a"]) * wide(v["b"]), "int8", 4, ENTRY, "saturate")},
    ),
    "mul_int16_scalar": C(
        one("int16", 128, "a"), {"out": ("int32", 128), "low": ("int16", 128)},
        lambda v: {
            "out": wrap(wide(v["a"]) * int(v["s"]), "int32"),
            "low": wrap(wide(v["a"]) * 3, "int16"),
        },
        {"s": ("int16", (7, -3, -32768))},
    ),
    "mul_int8_literal": C(
        one("int8", 256, "a"), out("int8", 256),
        lambda v: {"out": wrap(wide(v["a"]) * 3 + 7, "int8")},
    ),
    "mul_bf16": C(
        two("bfloat16", 256), out("bfloat16", 256),
        lambda v: {"out": bf16_product(v["a"], v["b"], ENTRY)},
    ),
    "mul_bf16_even": C(
        two("bfloat16", 256), out("bfloat16", 256),
        lambda v: {"out": bf16_product(v["a"], v["b"], "conv_even")},
    ),
    "axpy_bf16": C(
        {"x": ("bfloat16", 256), "y": ("bfloat16", 256)}, out("bfloat16", 256),
        lambda v: {"out": to_bf16(mac_f32(v["y"], v["x"], np.full(256, bf(v["a"]))), ENTRY)},
        {"a": ("bfloat16", (1.5, -0.375, 3.0))},
    ),
    "msc_int16": C(
        {"a": ("int16", 128), "b": ("int16", 128), "bias": ("int16", 128)}, out("int16", 128),
        lambda v: {"out": srs(
            model.acc(model.ups(v["bias"], 32, 6, "symmetric") - wide(v["a"]) * wide(v["b"]), 32),
            "int16", 6, ENTRY, "symmetric",
        )},
    ),
    "negmul_int8": C(
        two("int8", 128), {"out": ("int16", 128), "twice": ("int32", 128)}, negmul_int8,
    ),
    "squares_bf16": C(
        one("bfloat16", 256, "a"), {"one": ("bfloat16", 256), "sum": ("float32", 16)}, squares_bf16,
    ),
    "squares_int16": C(
        one("int16", 128, "a"), {"one": ("int32", 128), "sum": ("int32", 16)}, squares_int16,
    ),
    "relu_int8": C(one("int8", 512), out("int8", 512), lambda v: {"out": np.maximum(v["in"], 0)}),
    "relu_bf16": C(
        one("bfloat16", 256), out("bfloat16", 256), lambda v: {"out": maximum(v["in"], bf(0))},
    ),
    "leaky_relu_bf16": C(one("bfloat16", 256), out("bfloat16", 256), leaky_relu),
    "clamp_int16": C(
        one("int16", 128), outs("int16", 128, "out", "same"),
        lambda v: dict.fromkeys(("out", "same"), np.clip(v["in"], int(v["low"]), int(v["high"]))),
        {"low": ("int16", (-100, 0, -32768)), "high": ("int16", (100, 5, 32767))},
    ),
    "abs_neg_int16": C(
        one("int16", 128), outs("int16", 128, "magnitude", "negative"),
        lambda v: {
            "magnitude": wrap(abs(wide(v["in"])), "int16"), "negative": wrap(-wide(v["in"]), "int16"),
        },
    ),
    "abs_neg_bf16": C(
        one("bfloat16", 128), outs("bfloat16", 128, "magnitude", "negative"),
        lambda v: {"magnitude": np.abs(v["in"]), "negative": -v["in"]},
    ),
    "difference_uint8": C(
        two("uint8", 256), out("uint8", 256),
        lambda v: {"out": wrap(abs(wide(v["a"]) - wide(v["b"])), "uint8")},
    ),
    "saturating_int8": C(
        two("int8", 128),
        {"sum": ("int8", 128), "less": ("int8", 128), "usum": ("uint8", 128)}, saturating,
    ),
    "minmax_float32": C(
        two("float32", 64), outs("float32", 64, "top", "low", "sum", "product"), float_lanes,
    ),
    "bits_uint8": C(
        two("uint8", 128), outs("uint8", 128, "o_and", "o_or", "o_xor", "o_not"),
        lambda v: {
            "o_and": v["a"] & v["b"] & np.uint8(0x3F), "o_or": v["a"] | v["b"] | np.uint8(0x81),
            "o_xor": v["a"] ^ v["b"], "o_not": ~v["a"],
        },
    ),
    "shifts_int32": C(one("int32", 64), outs("int32", 64, "up", "down", "logical"), shifts_int32),
    "divide_float32": C(
        two("float32", 32), outs("float32", 32, "out", "third"), divide, special=False, relative=1e-4,
    ),
    "hard_sigmoid_bf16": C(one("bfloat16", 256), out("bfloat16", 256), hard_sigmoid),
    "threshold_int8": C(
        one("int8", 256), out("int8", 256),
        lambda v: {"out": np.where(v["in"] >= int(v["limit"]), 100, -100).astype(np.int8)},
        {"limit": ("int8", (0, 100, -128))},
    ),
    "compare_uint16": C(
        two("uint16", 32), {"counts": ("int32", 8)}, comparisons, prepare=some_equal,
    ),
    "sign_int8": C(one("int8", 256), out("int8", 256), lambda v: {"out": np.sign(v["in"])}),
    "scale_bias_int8": C(
        {"in": ("int8", 128), "bias": ("int8", 128)}, out("int8", 128), scale_bias,
        {"scale": ("int8", (3, -127, 64))},
    ),
    "mixed_signs": C(
        {"a": ("int8", 64), "b": ("uint8", 64), "c": ("int16", 64)},
        outs("int32", 64, "one", "two"), mixed_signs,
    ),
    "products_int32": C(
        two("int32", 64), {"out": ("int32", 64), "narrow": ("int16", 64)}, products_int32,
    ),
    "sum_int32": C(
        one("int32", 256), out("int32", 1), lambda v: {"out": [model.integer_sum(v["in"])]},
    ),
    "max_min_int8": C(
        one("int8", 512), out("int8", 2), lambda v: {"out": [v["in"].max(), v["in"].min()]},
    ),
    "argmax_int16": C(one("int16", 256), out("int32", 2), argmax),
    "mean_bf16": C(one("bfloat16", 256), out("float32", 1), mean_bf16),
    "dot_int8": C(
        two("int8", 512), out("int32", 1),
        lambda v: {"out": wrap([(wide(v["a"]) * wide(v["b"])).sum()], "int32")},
    ),
    "dot_bf16_chains": C(two("bfloat16", 256), out("float32", 1), dot_chains),
    "dot_int16_chains": C(two("int16", 256), out("int32", 32), dot_int16),
    "norm_bf16": C(
        one("bfloat16", 256), out("bfloat16", 256), norm, special=False, relative=0.012,
    ),
    "inverse_float32": C(
        one("float32", 32), {**outs("float32", 32, "inverse", "root", "square_root"), "one": ("float32", 2)},
        inverses, special=False, prepare=positive,
    ),
    "inverse_bf16": C(
        one("bfloat16", 32), {**outs("bfloat16", 32, "inverse", "root", "square_root"), "one": ("bfloat16", 2)},
        inverses, special=False, prepare=positive,
    ),
    "reduce_rows_int16": C(one("int16", 64), outs("int16", 4, "sum", "top", "low"), reduced_rows),
    "count_nonzero_int8": C(
        one("int8", 256), out("int32", 1),
        lambda v: {"out": np.array([np.count_nonzero(v["in"])], np.int32)},
    ),
    "variance_int16": C(
        one("int16", 128), out("int32", 16), variance, {"mean": ("int16", (0, 300, -32768))},
    ),
    "conv1d_int8": C({"in": ("int8", 160), "taps": ("int8", 32)}, out("int8", 128), conv1d_int8),
    "conv1d_bf16": C(
        {"in": ("bfloat16", 80), "taps": ("bfloat16", 16)}, out("bfloat16", 64), conv1d_bf16,
    ),
    "conv2d_int8": C({"in": ("int8", 224), "taps": ("int8", 9)}, out("int32", 128), conv2d_int8),
    "conv_shuffle_int16": C(one("int16", 128), out("int16", 128), conv_shuffle),
    "maxpool_int8": C(
        one("int8", 256), out("int8", 128),
        lambda v: {"out": v["in"].reshape(-1, 2).max(axis=1)},
    ),
    "maxpool2d_int16": C(
        one("int16", 256), out("int16", 64),
        lambda v: {"out": v["in"].reshape(4, 2, 16, 2).max(axis=(1, 3)).ravel()},
    ),
    "avgpool_bf16": C(one("bfloat16", 256), out("bfloat16", 128), avgpool),
    "matmul_int8": C(
        {"a": ("int8", 512), "b": ("int8", 512)}, {"c": ("int32", 256)}, matmul_int8,
    ),
    "matmul_bf16": C(two("bfloat16", 128), {"c": ("float32", 64)}, matmul_bf16),
    "matmul_bias_int16": C(
        {**two("int16", 64), "bias": ("int16", 16)}, {"c": ("int16", 64)}, matmul_bias,
    ),
    "matvec_int16": C({"columns": ("int16", 256), "x": ("int16", 16)}, {"y": ("int32", 16)}, matvec),
    "outer_int8": C(
        {"a": ("int8", 16), "b": ("int8", 32)}, out("int16", 512),
        lambda v: {"out": wrap(np.outer(wide(v["a"]), wide(v["b"])).ravel(), "int16")},
    ),
    "widen_int8": C(
        {"a": ("int8", 128), "b": ("uint8", 128)},
        {"wide": ("int16", 128), "uwide": ("uint16", 128), "wider": ("int32", 128)},
        lambda v: {
            "wide": v["a"].astype(np.int16), "uwide": v["b"].astype(np.uint16),
            "wider": v["a"].astype(np.int32),
        },
    ),
    "narrow_int16": C(
        {"in": ("int16", 128), "uin": ("uint16", 128)},
        {"wrapped": ("int8", 128), "limited": ("int8", 128), "ulimited": ("uint8", 128)}, narrowed,
    ),
    "requantise_int32": C(
        one("int32", 64), {"out": ("int8", 64), "wide": ("uint16", 64)}, requantised,
        {"shift": ("int32", (24, 12, 4))},
    ),
    "float_to_bf16": C(
        one("float32", 64), {"down": ("bfloat16", 64), "back": ("float32", 64)},
        lambda v: {"down": to_bf16(v["in"], ENTRY), "back": f32(to_bf16(v["in"], ENTRY))},
    ),
    "quantise_bf16": C(
        one("bfloat16", 128), {"out": ("int16", 128), "back": ("bfloat16", 128)}, quantised,
        special=False,
    ),
    "bit_cast_bf16": C(
        one("bfloat16", 128), {"exponent": ("uint16", 128), "flipped": ("bfloat16", 128)}, exponents,
    ),
    "transpose_int8": C(
        {"in": ("int8", 128), "wide": ("int16", 64)}, {"out": ("int8", 128), "turned": ("int16", 96)},
        transposes,
    ),
    "interleave_channels": C(
        two("int16", 128),
        {"both": ("int16", 256), "left": ("int16", 128), "right": ("int16", 128)},
        lambda v: {
            "both": np.stack([v["a"], v["b"]], axis=1).ravel(), "left": v["a"], "right": v["b"],
        },
    ),
    "reverse_int8": C(one("int8", 256), out("int8", 256), lambda v: {"out": v["in"][::-1]}),
    "rotate_int32": C(
        one("int32", 16), outs("int32", 16, "up", "down", "edge_up", "edge_down"), rotations,
        {"n": ("int32", (0, 5, 15))},
    ),
    "shuffle_partial": C(
        one("int16", 16), out("int16", 22),
        lambda v: {"out": np.concatenate([v["in"][:11], v["in"][5:]])},
    ),
    "pieces_int16": C(
        one("int16", 32), {**outs("int16", 32, "swapped", "joined"), "grown": ("int16", 64)}, pieces,
    ),
    "elements_int32": C(one("int32", 16), {"out": ("int32", 8), "history": ("int32", 16)}, elements),
    "native_types": C(
        {"in": ("bfloat16", 64), "a": ("int32", 64)}, {"out": ("bfloat16", 64), "b": ("int32", 64)},
        lambda v: {"out": maximum(v["in"], bf(0)), "b": wrap(2 * wide(v["a"]), "int32")},
    ),
    "native_accumulators": C(
        two("bfloat16", 128), {"out": ("float32", 16), "low": ("bfloat16", 16)}, native_accumulators,
    ),
    "iterators_restrict": C(
        two("int16", 128), out("int16", 128),
        lambda v: {"out": np.maximum(v["a"] - v["b"], v["a"])},
    ),
    "prefix_sum_int32": C(
        one("int32", 64), out("int32", 64),
        lambda v: {"out": wrap(np.cumsum(wide(v["in"])), "int32")},
    ),
    "accumulators_mixed": C(two("int16", 32), out("int32", 32), accumulators_mixed),
    "copy_unaligned": C(
        one("int8", 128), out("int8", 128),
        lambda v: {"out": np.concatenate([v["in"][:1], v["in"][3:99], v["in"][97:]])},
    ),
    "normalise_bf16": C(
        {"in": ("bfloat16", 128), "gain": ("bfloat16", 128), "bias": ("bfloat16", 128)},
        out("bfloat16", 128), layer_norm, special=False, relative=0.02,
        prepare=lambda v: v.update(
            {n: edge_floats("bfloat16", 128, i, False) % bf(2) for i, n in enumerate(v)}
        ),
    ),
    "rope_bf16": C(
        {"in": ("bfloat16", 64), "turns": ("bfloat16", 64)}, out("bfloat16", 64), rope,
    ),
    "swish_gate_bf16": C(one("bfloat16", 128), out("bfloat16", 64), gated),
    "grey_uint8": C(one("uint8", 192, "planes"), out("uint8", 64), grey),
    "events_macros": C(
        one("int32", 64), out("int32", 64), lambda v: {"out": wrap(-(wide(v["in"]) + 1), "int32")},
    ),
    "equal_select_float32": C(
        two("float32", 64), out("float32", 64),
        lambda v: {"out": np.where(v["a"] == v["b"], v["a"], np.float32(v["other"]))},
        {"other": ("float32", (1.5, -2.0, 0.0))}, prepare=some_equal,
    ),
    "free_functions_int16": C(
        two("int16", 32), {"out": ("int16", 32), "scalars": ("int32", 4)}, free_functions,
    ),
    "scale_int32_int16": C(
        {"a": ("int32", 64), "b": ("int16", 64), "c": ("int8", 64)},
        outs("int32", 64, "out", "other"), scaled_int32,
    ),
    "clip_relu6_int8": C(
        one("int8", 512), out("int8", 512),
        lambda v: {"out": np.clip(v["in"], 0, int(v["six"]))}, {"six": ("int8", (6, 100, 127))},
    ),
    "residual_bf16": C(one("bfloat16", 64), out("bfloat16", 64), residual),
    "vector_pointers_int8": C(
        one("int8", 128), out("int8", 128),
        lambda v: {"out": np.clip(v["in"], -20, 20).reshape(4, 32)[::-1].ravel()},
    ),
}  # fmt: skip
