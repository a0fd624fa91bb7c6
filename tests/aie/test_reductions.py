# ruff: noqa: E501 (kernels)
"""Sums, maxima and minima over the lanes of a vector."""

from __future__ import annotations

import numpy as np
import pytest

from . import model
from .machine import assert_same, call, edge_floats, edge_integers
from .test_lanes import some


@pytest.mark.parametrize("bits", [128, 256, 512, 1024])
def test_reductions(bits: int):
    body, inputs, outputs, want = "", {}, {}, {}
    for dtype in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "bfloat16", "float32"):
        item = 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize
        lanes = bits // 8 // item
        v = some(dtype, lanes, bits)
        inputs[f"i_{dtype}"] = v
        outputs[f"o_{dtype}"] = (dtype, 3)
        body += f"{{ auto v = aie::load_v<{lanes}>(i_{dtype}); o_{dtype}[0] = aie::reduce_add(v); "
        body += f"o_{dtype}[1] = aie::reduce_max(v); o_{dtype}[2] = aie::reduce_min(v); }}\n"
        if "int" in dtype:
            total = model.integer_sum(v)
        elif dtype == "float32":
            total = model.float_sum(v)
        else:
            total = model.to_bf16(np.array([model.float_sum(model.f32(v))]), "positive_inf")[0]
        order = v if "int" in dtype else v.astype(np.float32)
        want[f"o_{dtype}"] = np.array([total, v[order.argmax()], v[order.argmin()]], v.dtype)
    (got,) = call(body, [inputs], outputs)
    for name, value in want.items():
        assert_same(got[name], value, name)


def test_the_last_lanes_of_a_narrow_sum_saturate():
    """128 bits are added up in an accumulator, as the saturation mode says; what is above wraps."""
    a, b = np.full(32, 127, np.int8), np.full(16, -30000, np.int16)
    a[16:] = np.arange(16)
    body = """aie::set_saturation(aie::saturation_mode::saturate);
    oa[0] = aie::reduce_add(aie::load_v<32>(a)); oa[1] = aie::reduce_add(aie::load_v<16>(a));
    ob[0] = aie::reduce_add(aie::load_v<16>(b)); ob[1] = aie::reduce_add(aie::load_v<8>(b));"""
    (got,) = call(body, [{"a": a, "b": b}], {"oa": ("int8", 2), "ob": ("int16", 2)})
    halves = (a[:16] + a[16:]).astype(np.int64).sum(), (b[:8] + b[8:]).astype(np.int64).sum()
    assert halves[0] < -128 and halves[1] > 0
    assert_same(got["oa"], np.array([-128, 127], np.int8))
    assert_same(got["ob"], np.array([min(halves[1], 32767), -32768], np.int16))


def test_a_sum_of_bfloat16_goes_by_rows_of_eight():
    v = np.zeros(32, np.float32)
    v[[0, 1, 2, 24]] = [1e30, -1e30, 3, 5]  # by halves, 3 and 5 are lost beside 1e30
    (got,) = call("out[0] = aie::reduce_add(aie::load_v<32>(in));", [{"in": v.astype(model.BF16)}],
                  {"out": ("bfloat16", 1)})  # fmt: skip
    assert float(got["out"][0]) == 8


def test_reductions_of_several_vectors():
    v = edge_integers("int16", 128, 1)
    f = edge_floats("float32", 64, 2, False)
    body = """auto a = aie::load_v<32>(in), b = aie::load_v<32>(in + 32), c = aie::load_v<32>(in + 64), d = aie::load_v<32>(in + 96);
    aie::store_v(sum, aie::reduce_add_v(a, b, c, d)); aie::store_v(top, aie::reduce_max_v(a, b, c, d)); aie::store_v(low, aie::reduce_min_v(a, b, c, d));
    aie::store_v(fsum, aie::reduce_add_v(aie::load_v<16>(f), aie::load_v<16>(f + 16), aie::load_v<16>(f + 32), aie::load_v<16>(f + 48)));"""
    (got,) = call(
        body, [{"in": v, "f": f}],
        {"sum": ("int16", 32), "top": ("int16", 32), "low": ("int16", 32), "fsum": ("float32", 16)},
    )  # fmt: skip
    rows, lanes = v.reshape(4, 32), f.reshape(4, 16)
    assert_same(got["sum"][:4], np.array([model.integer_sum(r) for r in rows]))
    assert_same(got["top"][:4], rows.max(axis=1))
    assert_same(got["low"][:4], rows.min(axis=1))
    assert_same(got["fsum"][:4], np.array([model.float_sum(r) for r in lanes], np.float32))
