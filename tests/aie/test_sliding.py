# ruff: noqa: E501 (kernel text)
"""Windows that slide over data, and weighted sums of vectors, exactly and in both accumulators."""

from __future__ import annotations

import numpy as np
import pytest

from . import model
from .machine import Array, assert_same, call, edge_floats, edge_integers

C_NAMES = {"bfloat16": "bfloat16", "float32": "float"}
# coefficients, data, accumulator, lanes, points, coefficient step, data step
WINDOWS = [
    ("int8", "int8", "acc32", 32, 8, 1, 1),
    ("uint8", "int8", "acc32", 32, 8, 1, 1),
    ("int8", "uint8", "acc32", 32, 3, 1, 1),
    ("int8", "int8", "acc32", 64, 11, 1, 1),
    ("int8", "int8", "acc32", 16, 5, 1, 1),
    ("int8", "int8", "acc32", 32, 8, 2, 2),
    ("int16", "int16", "acc32", 16, 4, 1, 1),
    ("int16", "int16", "acc64", 16, 7, 1, 2),
    ("int16", "uint16", "acc32", 32, 3, 2, 1),
    ("int32", "int16", "acc64", 16, 3, 1, 1),
    ("int16", "int32", "acc64", 16, 4, 1, 1),
    ("int32", "int32", "acc64", 8, 2, 1, 1),
]


def windows(c: Array, d: Array, lanes: int, points: int, cs: int, ds: int, c0: int, d0: int):
    lane = np.arange(lanes)
    total = np.zeros(lanes, object)
    for p in range(points):
        total = total + c[(c0 + p * cs) % len(c)] * d[(d0 + (lane + p) * ds) % len(d)]
    return total


@pytest.mark.parametrize(("ct", "dt", "tag", "lanes", "points", "cs", "ds"), WINDOWS)
def test_sliding_products(ct: str, dt: str, tag: str, lanes: int, points: int, cs: int, ds: int):
    nc = 256 // (np.dtype(ct).itemsize * 8)
    nd = 1024 // (np.dtype(dt).itemsize * 8)
    c, d = edge_integers(ct, nc, 1), edge_integers(dt, nd, 2)
    f = f"<{lanes}, {points}, {cs}, {ds}, {ds}"
    kind = f"<{lanes}, {points}, {cs}, {ds}, {ds}, {ct}, {dt}, {tag}>"
    body = f"""auto x = aie::load_v<{nc}>(c); auto y = aie::load_v<{nd}>(d);
    auto p = aie::sliding_mul{f}, {tag}>(x, 1, y, 3); aie::store_v(op, p.to_vector<int32>());
    auto m = aie::sliding_mac{f}>(p, x, 0, y, -2); aie::store_v(om, m.to_vector<int32>(1));
    using S = aie::sliding_mul_ops{kind};
    static_assert(std::is_same_v<decltype(p), S::accum_type>);
    aie::store_v(on, S::negmul(x, 2, y, start).to_vector<int32>());\n"""
    got, again = call(
        body, [{"c": c, "d": d}] * 2, dict.fromkeys(("op", "om", "on"), ("int32", lanes)),
        [{"start": 5}, {"start": nd - 1}],
    )  # fmt: skip
    x, y = model.wide(c), model.wide(d)
    bits = int(tag[3:])
    first = windows(x, y, lanes, points, cs, ds, 1, 3)
    second = first + windows(x, y, lanes, points, cs, ds, 0, -2)
    for name, value, shift in (("op", first, 0), ("om", second, 1)):
        want = model.srs(model.acc(value, bits), "int32", shift, "positive_inf")
        assert_same(got[name], want, name)
    for found, start in ((got, 5), (again, nd - 1)):
        value = -windows(x, y, lanes, points, cs, ds, 2, start)
        assert_same(found["on"], model.srs(model.acc(value, bits), "int32"), f"from {start}")


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_sliding_float_products(dtype: str):
    t = C_NAMES[dtype]
    c, d = edge_floats(dtype, 16, 1, False), edge_floats(dtype, 32, 2, False)
    body = f"""auto a = aie::sliding_mul_x_ops<16, 3, 1, 1, {t}, {t}>::mul(aie::load_v<16>(c), 0, aie::load_v<32>(d), 2);
    aie::store_v(out, a.to_vector<float>());"""
    (got,) = call(body, [{"c": c, "d": d}], {"out": ("float32", 16)})
    exact = windows(c.astype(float), d.astype(float), 16, 3, 1, 1, 0, 2).astype(float)
    scale = windows(abs(c.astype(float)), abs(d.astype(float)), 16, 3, 1, 1, 0, 2).astype(float)
    assert (abs(got["out"] - exact) <= 1e-5 * scale).all()


def test_weighted_sums_of_vectors():
    c, d = edge_integers("int16", 16, 1), edge_integers("int16", 96, 2)
    body = """auto x = aie::load_v<16>(c); auto p = aie::load_v<32>(d), q = aie::load_v<32>(d + 32), r = aie::load_v<32>(d + 64);
    auto a = aie::accumulate<32>(x, 2, p, q, r); aie::store_v(oa, a.to_vector<int32>());
    aie::store_v(ob, aie::accumulate<32>(a, x, 5, q).to_vector<int32>());
    aie::store_v(oc, aie::accumulate<32, acc64>(x, 0, p, r).to_vector<int32>(4));"""
    (got,) = call(body, [{"c": c, "d": d}], dict.fromkeys(("oa", "ob", "oc"), ("int32", 32)))
    x, (p, q, r) = model.wide(c), model.wide(d).reshape(3, 32)
    a = model.acc(x[2] * p + x[3] * q + x[4] * r, 32)
    assert_same(got["oa"], model.srs(a, "int32"))
    assert_same(got["ob"], model.srs(model.acc(a + x[5] * q, 32), "int32"))
    c64 = model.acc(x[0] * p + x[1] * r, 64)
    assert_same(got["oc"], model.srs(c64, "int32", 4, "positive_inf"))
