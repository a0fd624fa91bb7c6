# ruff: noqa: E501 (kernel text)
"""Products of native registers: every form of every one, against sums in Python."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from . import model
from .machine import Array, assert_same, call, edge_floats, edge_integers

Sum = Callable[[Array, Array], Array]
LANES = {8: 64, 16: 32, 32: 16}


def matrix(m: int, k: int, n: int) -> Sum:
    return lambda a, b: model.matrix_product(a[: m * k], b[: k * n], m, k, n)


def pairs(a: Array, b: Array) -> Array:
    return (a * b).reshape(2, -1).sum(axis=0)


def convolution(lanes: int, points: int) -> Sum:
    return lambda a, b: sum(a[p : p + lanes] * b[p] for p in range(points))


# bits of the operands and of the accumulator's lanes, and the exact sums
PRODUCTS: dict[str, tuple[int, int, int, Sum]] = {
    "elem_32": (16, 16, 32, lambda a, b: a * b),
    "elem_32_2": (8, 8, 32, pairs),
    "elem_16_2": (16, 16, 64, pairs),
    "4x8_8x8": (8, 8, 32, matrix(4, 8, 8)),
    "4x4_4x8": (16, 8, 32, matrix(4, 4, 8)),
    "4x8_8x4": (16, 8, 64, matrix(4, 8, 4)),
    "2x8_8x8": (16, 8, 64, matrix(2, 8, 8)),
    "4x2_2x8": (16, 16, 32, matrix(4, 2, 8)),
    "4x4_4x4": (16, 16, 64, matrix(4, 4, 4)),
    "2x4_4x8": (16, 16, 64, matrix(2, 4, 8)),
    "4x2_2x4": (32, 16, 64, matrix(4, 2, 4)),
    "conv_32x8": (8, 8, 32, convolution(32, 8)),
    "conv_16x4": (16, 16, 64, convolution(16, 4)),
}


def forms(p: Array, q: Array, c: Array, d: Array) -> dict[str, Array]:
    """p: the sum by the types' signs, q: of two unsigned operands."""
    return {
        "mul_{n}(a, b)": p,
        "mul_{n}(a, 0, b, 0)": q,
        "negmul_{n}(a, b)": -p,
        "mac_{n}(a, b, c)": c + p,
        "mac_{n}(a, 0, b, 0, c)": c + q,
        "msc_{n}(a, b, c)": c - p,
        "addmac_{n}(a, b, c, d)": c + d + p,
        "addmsc_{n}(a, 0, b, 0, c, d)": c + d - q,
        "mul_{n}_conf(a, b, 1)": -p,
        "negmul_{n}_conf(a, b, 1)": p,
        "mac_{n}_conf(a, b, c, 0, 0, 0, 0)": c + p,
        "mac_{n}_conf(a, b, c, 1, 0, 1, 0)": -p,
        "mac_{n}_conf(a, 0, b, 0, c, 0, 1, 0, 1)": q - (c << 16),
        "msc_{n}_conf(a, b, c, 0, 0, 0, 1)": -c - p,
    }


@pytest.mark.parametrize("name", PRODUCTS)
def test_every_form_of_a_product(name: str):
    left, right, bits, total = PRODUCTS[name]
    lanes = 1024 // bits
    body, inputs, outputs, want = "", {}, {}, {}
    inputs["u"] = edge_integers(f"uint{left}", LANES[left], 1)
    inputs["v"] = edge_integers(f"uint{right}", LANES[right], 2)
    words = edge_integers("int32", 128, 3)
    words[1::2] //= 1 << 20  # 64 bits are to hold them times 65536
    inputs["w"] = words
    first, second = np.split(words.view(f"int{bits}"), [lanes])[0], words[64:].view(f"int{bits}")
    c, d = model.wide(first), model.wide(second[:lanes])
    acc = f"v{lanes}acc{bits}"
    body = f"auto c = *({acc} *)w; auto d = *({acc} *)(w + 64);\n"
    for s, t in itertools.product(("int", "uint"), repeat=2):
        x, y = f"v{LANES[left]}{s}{left}", f"v{LANES[right]}{t}{right}"
        body += f"{{ auto a = *({x} *)u; auto b = *({y} *)v; auto o = ({acc} *)o_{s}_{t};\n"
        given = (
            model.wide(inputs[n].view(f"{k}{w}")) for n, k, w in (("u", s, left), ("v", t, right))
        )
        p = total(*given)
        q = total(model.wide(inputs["u"]), model.wide(inputs["v"]))
        found = forms(p, q, c, d)
        body += "".join(f"*o++ = {f.format(n=name)};\n" for f in found) + "}\n"
        outputs[f"o_{s}_{t}"] = ("int32", 32 * len(found))
        want[f"o_{s}_{t}"] = [(f, model.acc(v, bits)) for f, v in found.items()]
    (got,) = call(body, [inputs], outputs)
    for key, values in want.items():
        rows = got[key].view(f"int{bits}").reshape(len(values), lanes)
        for row, (form, value) in zip(rows, values, strict=True):
            assert_same(row, np.array(value).astype(row.dtype), f"{key} {form.format(n=name)}")


@pytest.mark.parametrize("name", ["elem_16_2", "4x8_8x4"])
def test_forms_of_bfloat16_products(name: str):
    a, b = (edge_floats("bfloat16", 32, i, False) for i in (1, 2))
    c, d = (edge_floats("float32", 16, i, False) for i in (3, 4))
    zero = np.zeros(16, np.float32)

    def mac(start: Array, sign: int = 1) -> Array:
        if name == "4x8_8x4":
            return sign * model.float_matrix_product(sign * start, a, b, 4, 8, 4)
        return model.mac_f32(model.mac_f32(start, a[:16], b[:16], sign), a[16:], b[16:], sign)

    want = {
        "mul_{n}(a, b)": mac(zero), "negmul_{n}(a, b)": mac(zero, -1),
        "mac_{n}(a, b, c)": mac(c), "msc_{n}(a, b, c)": mac(c, -1),
        "addmac_{n}(a, b, c, d)": mac(c) + d, "addmsc_{n}(a, b, c, d)": mac(c, -1) + d,
        "mac_{n}_conf(a, b, c, 1, 0, 0)": mac(zero), "mac_{n}_conf(a, b, c, 0, 1, 1)": mac(-c, -1),
        "msc_{n}_conf(a, b, c, 0, 0, 0)": mac(c, -1), "mul_{n}_conf(a, b, 1)": mac(zero, -1),
    }  # fmt: skip
    body = "auto a = *(v32bfloat16 *)x, b = *(v32bfloat16 *)y; auto c = *(v16accfloat *)z, d = *(v16accfloat *)w; auto o = (v16accfloat *)out;\n"
    body += "".join(f"*o++ = {f.format(n=name)};\n" for f in want)
    (got,) = call(body, [{"x": a, "y": b, "z": c, "w": d}], {"out": ("float32", 16 * len(want))})
    for row, (form, value) in zip(got["out"].reshape(-1, 16), want.items(), strict=True):
        assert_same(row, np.asarray(value, np.float32), form.format(n=name))
