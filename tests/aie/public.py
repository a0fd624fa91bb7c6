"""Cases of the kernels public_*.cc, which are written as public collections of AIE kernels are."""

from __future__ import annotations

import math

import numpy as np

from . import model
from .cases import ENTRY, KernelCase, Values, bf, one, out, outs, two, wrap
from .machine import Array
from .model import f32, flush, mac_f32, srs, to_bf16, wide

C = KernelCase


def conv1x1(v: Values) -> Values:
    a = wide(v["in"]).reshape(2, 16, 8)  # channel blocks, pixels, channels
    w = wide(v["weights"]).reshape(2, 2, 8, 8)  # out blocks, in blocks, in, out
    sums = np.einsum("ixc,oicd->oxd", a, w)
    return {"out": srs(sums.ravel(), "uint8", int(v["scale"]), "conv_even", "saturate")}


def conv3x3(v: Values) -> Values:
    a, w = wide(v["in"]).reshape(3, 32), wide(v["wts"]).reshape(3, 3)
    padded = np.pad(np.pad(a, ((0, 0), (1, 1)), mode="edge"), ((1, 1), (0, 0)))
    sums = sum(w[y, x] * padded[y : y + 3, x : x + 32] for y in range(3) for x in range(3))
    return {"out": np.clip((np.asarray(sums) + 32) >> 6, 0, 255)}


def softmax(v: Values) -> Values:
    a = v["in"].astype(np.float64)
    e = np.exp(a - a.max())
    return {"out": e / e.sum()}


def layer_norm(v: Values) -> Values:
    a = v["in"].astype(np.float64)
    return {"out": (a - a.mean()) / np.sqrt(a.var() + 1e-5) * 1.5 + 0.25}


def gelu(v: Values) -> Values:
    x = v["in"].astype(np.float64)
    at = np.clip(np.floor(np.clip(x, -4.0, 3.875) * 8), -32, 31) / 8
    return {"out": np.array([0.5 * y * (1 + math.erf(y / math.sqrt(2))) for y in at])}


def blocks(v: Array, rows: int, columns: int) -> Array:
    """A matrix of 16 x 16 whose tiles of rows x columns lie one after another."""
    tiles = v.reshape(16 // rows, 16 // columns, rows, columns)
    return tiles.transpose(0, 2, 1, 3).reshape(16, 16)


def product(v: Values) -> Values:
    c = blocks(wide(v["a"]), 4, 4) @ blocks(wide(v["b"]), 4, 4)
    tiles = c.reshape(4, 4, 4, 4).transpose(0, 2, 1, 3)
    return {"c": wrap(tiles.ravel(), "int16")}


def leaky(v: Values) -> Values:
    a = v["in"]
    return {"out": np.where(a < 0, srs(wide(a) * 13, "int16", 7, ENTRY), a)}


def silu_table(v: Values) -> Values:
    x = v["in"].astype(np.float64) / 16
    y = 16 * x / (1 + np.exp(-x))
    return {"out": np.minimum(np.trunc(y + np.copysign(0.5, y)), 127)}


def grey(v: Values) -> Values:
    r, g, b = wide(v["rgba"]).reshape(64, 4)[:, :3].T
    weights = [math.floor(x * 32768 + 0.5) for x in (0.299, 0.587, 0.114)]
    total = weights[0] * r + weights[1] * g + weights[2] * b + (1 << 14)
    return {"grey": srs(total, "uint8", 15)}


def thresholds(v: Values) -> Values:
    a, limit, most = v["in"], int(v["limit"]), int(v["most"])
    above = a > limit
    kinds = [
        np.where(above, most, 0),
        np.where(above, 0, most),
        np.minimum(a, limit),
        np.where(above, a, 0),
    ]
    return {"out": kinds[int(v["type"])]}


def filtered(v: Values) -> Values:
    a, w = wide(v["in"]).reshape(3, 64), wide(v["weights"]).reshape(3, 3)
    padded = np.pad(a, ((0, 0), (1, 0)), mode="edge")
    sums = sum(w[y, x] * padded[y, x : x + 32] for y in range(3) for x in range(3))
    return {"out": srs(np.asarray(sums), "uint8", 5, ENTRY, "saturate")}


def saxpy(v: Values) -> Values:
    with np.errstate(all="ignore"):
        product = flush(flush(v["x"]) * flush(np.float32(v["a"])))
        return {"out": flush(product + flush(v["y"]))}


def native_floats(v: Values) -> Values:
    acc = np.zeros(16, np.float32)
    for x, y in zip(v["a"].reshape(-1, 32), v["b"].reshape(-1, 32), strict=True):
        for w in (y, np.full(32, y[3])):
            acc = mac_f32(mac_f32(acc, x[:16], w[:16]), x[16:], w[16:])
    return {"out": np.concatenate([to_bf16(acc, ENTRY), np.full(16, bf(2))])}


def native_shorts(v: Values) -> Values:
    result, small = [], []
    for x, y in zip(v["a"].reshape(-1, 32), v["b"].reshape(-1, 32), strict=True):
        total = wide(x) * wide(y) + 5 * wide(x) - wide(y) * int(x[7])
        r = srs(model.acc(total, 32), "int16", 9, "conv_even", "saturate")
        r = np.where(x < y, wrap(wide(y) - wide(x), "int16"), r)
        r[2] = int(r[3]) & 0xFF
        result.append(r)
        small.append(srs(wide(x) << 2, "int8", 6, "conv_even", "saturate"))
    return {"out": np.concatenate(result), "small": np.concatenate(small)}


def near_one(values: Values) -> None:
    """No infinities among sums; values near one."""
    values["in"] = (np.tanh(f32(values["in"])) * 3).astype(values["in"].dtype)


PUBLIC: dict[str, KernelCase] = {
    "public_passthrough": C(
        one("uint8", 256), out("uint8", 256), lambda v: {"out": v["in"]},
        {"width": ("int32", (256, 256, 256))},
    ),
    "public_conv1x1": C(
        {"in": ("uint8", 256), "weights": ("int8", 256)}, out("uint8", 256), conv1x1,
        {"scale": ("int32", (8, 10, 12))},
    ),
    "public_conv3x3_scalar": C(
        {"in": ("int8", 96), "wts": ("int8", 9)}, out("uint8", 96), conv3x3,
    ),
    "public_softmax_bf16": C(
        one("bfloat16", 64), out("bfloat16", 64), softmax, special=False, relative=0.02,
        prepare=near_one,
    ),
    "public_layernorm_bf16": C(
        one("bfloat16", 128), out("bfloat16", 128), layer_norm, special=False, relative=0.02,
        prepare=near_one,
    ),
    "public_gelu_lut_bf16": C(
        one("bfloat16", 64), out("bfloat16", 64), gelu, special=False, relative=0.01,
    ),
    "public_mm_i16": C(two("int16", 256), {"c": ("int16", 256)}, product),
    "public_maxpool2x2": C(
        one("int8", 256), out("int8", 64),
        lambda v: {"out": v["in"].reshape(2, 2, 32, 2).max(axis=(1, 3)).ravel()},
    ),
    "public_leaky_relu_i16": C(one("int16", 256), out("int16", 256), leaky),
    "public_silu_i8": C(one("int8", 128), out("int8", 128), silu_table),
    "public_cumsum_i32": C(
        one("int32", 128), out("int32", 128),
        lambda v: {"out": wrap(np.cumsum(wide(v["in"])), "int32")},
    ),
    "public_argmax_bf16": C(
        one("bfloat16", 256), out("int32", 1),
        lambda v: {"out": [int(np.argmax(f32(v["in"])))]}, special=False,
    ),
    "public_rgba2gray": C(one("uint8", 256, "rgba"), {"grey": ("uint8", 64)}, grey),
    "public_gray2rgba": C(
        one("uint8", 64), out("uint8", 256),
        lambda v: {"out": np.stack([v["in"]] * 3 + [np.full(64, 255)], axis=1).ravel()},
    ),
    "public_threshold": C(
        one("uint8", 128), out("uint8", 128), thresholds,
        {
            "limit": ("int32", (100, 7, 200)), "most": ("int32", (255, 99, 1)),
            "type": ("int32", (0, 1, 3)),
        },
    ),
    "public_bitwise": C(
        two("uint8", 128), outs("uint8", 128, "conj", "other"),
        lambda v: {"conj": v["a"] & v["b"], "other": ~v["a"] | v["b"]},
    ),
    "public_filter2d": C(
        {"in": ("uint8", 192), "weights": ("int8", 9)}, out("uint8", 32), filtered,
    ),
    "public_add_weighted": C(
        two("uint8", 128), out("uint8", 128),
        lambda v: {"out": srs(
            11000 * wide(v["a"]) + 7000 * wide(v["b"]) + (3 << 14), "uint8", 14, ENTRY, "saturate",
        )},
    ),
    "public_transpose_i32": C(
        one("int32", 256), out("int32", 256),
        lambda v: {"out": v["in"].reshape(16, 16).T.ravel()},
    ),
    "public_saxpy_f32": C(
        {"x": ("float32", 64), "y": ("float32", 64)}, out("float32", 64), saxpy,
        {"a": ("float32", (1.5, -0.25, 3.0))}, special=False, relative=1e-6,
    ),
    "public_native_bf16": C(
        two("bfloat16", 128), out("bfloat16", 32), native_floats, special=False,
    ),
    "public_native_i16": C(
        two("int16", 64), {"out": ("int16", 64), "small": ("int8", 64)}, native_shorts,
    ),
}  # fmt: skip
