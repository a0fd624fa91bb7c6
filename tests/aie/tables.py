"""Cases of the kernels table_*.cc, which look functions up."""

from __future__ import annotations

import math

import numpy as np

from .cases import KernelCase, Values, one, out
from .machine import Array
from .model import BF16

C = KernelCase


def doubled(entries: Array) -> Array:
    """A table as it must lie in memory: every 128 bits twice."""
    rows = np.ascontiguousarray(entries).view(np.uint8).reshape(-1, 16)
    return np.repeat(rows, 2, axis=0).ravel()


def sigmoid(v: Values) -> Values:
    return {"out": np.floor(255 / (1 + np.exp(v["in"].astype(float) / -16)) + 0.5)}


def exponential(v: Values) -> Values:
    return {"out": np.exp(np.clip(v["in"].astype(float), -80, 80))}


def gelu(x: Array) -> Array:
    return np.array([0.5 * y * (1 + math.erf(y / math.sqrt(2))) for y in x])


def pieces_of_gelu(v: Values) -> None:
    """Slopes in 1/1024 of a step of y for each of 512 steps of x."""
    y = np.rint(gelu(np.arange(-64, 65) / 8) * 4096).clip(max=32767)
    slopes = np.rint(np.diff(y) * 1024 / 512)
    pairs = np.stack([slopes, y[:-1]], 1).astype(np.int16)
    v["table"] = v["copy"] = doubled(pairs).view(np.int16)


def moderate(v: Values) -> None:
    v["in"] = np.linspace(-20, 20, len(v["in"])).astype(BF16)


def root(v: Values) -> Values:
    n = v["n"].astype(float)
    return {"out": v["x"] * np.divide(1, np.sqrt(n), out=np.zeros(64), where=n > 0)}


TABLES: dict[str, KernelCase] = {
    "table_sigmoid_int8": C(one("int8", 256), out("uint8", 256), sigmoid),
    "table_exp_bf16": C(
        one("bfloat16", 128), out("bfloat16", 128), exponential,
        special=False, relative=0.012, prepare=moderate,
    ),
    "table_tanh_bf16": C(
        one("bfloat16", 128), out("bfloat16", 128),
        lambda v: {"out": np.tanh(v["in"].astype(float))}, special=False, relative=0.008,
    ),
    "table_gelu_int16": C(
        {"in": ("int16", 256), "table": ("int16", 512), "copy": ("int16", 512)}, out("int16", 256),
        lambda v: {"out": gelu(v["in"] / 4096) * 4096}, relative=0.0005, prepare=pieces_of_gelu,
    ),
    "table_rsqrt_uint8": C(
        {"n": ("uint8", 64), "x": ("float32", 64)}, out("float32", 64), root,
        special=False, relative=1e-6,
    ),
}  # fmt: skip
