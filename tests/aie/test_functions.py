# ruff: noqa: E501 (kernel text)
"""Functions of the API that few kernels call: each against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from .machine import C_TYPES, Array, assert_same, call, edge_floats, edge_integers
from .model import srs, unzipped, wide, zipped


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int32", "bfloat16"])
def test_larger_and_smaller_with_their_masks(dtype: str):
    t, n = C_TYPES[dtype], 32
    make = edge_floats if dtype == "bfloat16" else edge_integers
    a, b = make(dtype, n, 1), make(dtype, n, 2)
    if dtype == "bfloat16":
        a, b = edge_floats(dtype, n, 1, False), edge_floats(dtype, n, 2, False)
    a[::4] = b[::4]
    body = f"""
  auto x = aie::load_v<{n}>(a), y = aie::load_v<{n}>(b);
  auto [top, less] = aie::max_cmp(x, y);
  aie::vector<{t}, {n}> low; aie::mask<{n}> not_less;
  std::tie(low, not_less) = aie::min_cmp(x, y);
  aie::store_v(high, top); aie::store_v(lower, low);
  masks[0] = less.to_uint32(); masks[1] = not_less.to_uint32();"""
    outputs = {"high": (dtype, n), "lower": (dtype, n), "masks": ("uint32", 2)}
    (got,) = call(body, [{"a": a, "b": b}], outputs)
    assert_same(got["high"], np.maximum(a, b))
    assert_same(got["lower"], np.minimum(a, b))
    bits = [int("".join("01"[int(x)] for x in m[::-1]), 2) for m in (a < b, a >= b)]
    assert got["masks"].tolist() == bits


def test_steps_chosen_when_it_runs():
    a, b = edge_integers("int16", 32, 1), edge_integers("int16", 32, 2)
    body = """
  auto x = aie::load_v<32>(a), y = aie::load_v<32>(b);
  auto m = n > 1 ? aie::interleave_zip_mode<int16, 32>(4) : aie::interleave_zip_mode<int16, 32>(1);
  auto u = n > 1 ? aie::interleave_unzip_mode<int16, 32>(4) : aie::interleave_unzip_mode<int16, 32>(1);
  auto f = n > 1 ? aie::filter_mode<int16, 32>::odd(4) : aie::filter_mode<int16, 32>::even(1);
  aie::store_v(zip, aie::concat(aie::interleave_zip(x, y, m)));
  aie::store_v(unzip, aie::concat(aie::interleave_unzip(x, y, u)));
  aie::store_v(some, aie::filter(x, f));"""
    outputs = {"zip": ("int16", 64), "unzip": ("int16", 64), "some": ("int16", 16)}
    got = call(body, [{"a": a, "b": b}] * 2, outputs, [{"n": 1}, {"n": 4}])
    for step, found in zip((1, 4), got, strict=True):
        assert_same(found["zip"], np.concatenate(zipped(a, b, step)))
        assert_same(found["unzip"], np.concatenate(unzipped(a, b, step)))
        assert_same(found["some"], a.reshape(-1, 2, step)[:, int(step > 1)].ravel())


def spread_body(
    dtype: str, kept: dict[str, Array], a: Array, outputs: dict[str, tuple[str, int]]
) -> str:
    """Broadcasts of 1, 2, 4 ... elements of an array, and of the second so many of a vector."""
    t, whole, body = C_TYPES[dtype], 64 // a.itemsize, ""
    for n in (1, 2, 4, 8, 16):
        if n * a.itemsize <= 8:
            name = f"array{n}"
            values = ", ".join(str(x) for x in a[:n])
            body += f"{{ {t} p[] = {{{values}}}; aie::store_v({name}, aie::broadcast<{t}, {whole}>(p)); }}\n"
            outputs[name], kept[name] = (dtype, whole), np.tile(a[:n], whole // n)
        name = f"part{n}"
        body += f"aie::store_v({name}, aie::broadcast_vector<{n}, {t}, {whole}>(aie::load_v<{whole}>(a), 1));\n"
        outputs[name], kept[name] = (dtype, whole), np.tile(a[n : 2 * n], whole // n)
    return body


@pytest.mark.parametrize("dtype", ["int8", "int16"])
def test_values_over_and_over(dtype: str):
    a = edge_integers(dtype, 64, 3)
    kept: dict[str, Array] = {}
    outputs: dict[str, tuple[str, int]] = {}
    body = spread_body(dtype, kept, a, outputs)
    (got,) = call(body, [{"a": a}], outputs)
    for name, want in kept.items():
        assert_same(got[name], want, name)


def test_sums_of_an_array_of_vectors_and_products_as_functions():
    a, b = edge_integers("int16", 48, 1) // 256, edge_integers("int16", 16, 2) // 256
    body = """
  std::array<aie::vector<int16, 16>, 3> rows{aie::load_v<16>(a), aie::load_v<16>(a + 16), aie::load_v<16>(a + 32)};
  auto c = aie::load_v<16>(b);
  auto acc = aie::accumulate<16>(c, 1, rows);
  aie::store_v(sum, aie::accumulate<16>(acc, c, 0, rows).to_vector<int32>());
  auto m = aie::mmul_fn<4, 4, 4>(rows[0], c);
  aie::store_v(product, aie::mmac_fn<4, 4, 4>(aie::mmac_fn<4, 4, 4>(m, rows[1], c).to_accum(), rows[2], c).to_vector<int32>());
  auto at = aie::tile::current().cycles();
  counted[0] = int32(aie::tile::current().cycles() - at + get_cycles() - get_cycles());"""
    outputs = {"sum": ("int32", 16), "product": ("int32", 16), "counted": ("int32", 1)}
    (got,) = call(body, [{"a": a, "b": b}], outputs)
    rows, c = wide(a).reshape(3, 16), wide(b)
    want = sum(r * (c[i] + c[i + 1]) for i, r in enumerate(rows))
    assert_same(got["sum"], np.asarray(want).astype(np.int32))
    matrix = sum(r.reshape(4, 4) for r in rows) @ c.reshape(4, 4)
    assert_same(got["product"], matrix.ravel().astype(np.int32))


@pytest.mark.parametrize("sign", [0, 1])
def test_operands_of_a_sign_chosen_when_it_runs(sign: int):
    a, b = edge_integers("uint8", 64, 1), edge_integers("int8", 64, 2)
    body = """
  auto x = aie::load_v<32>(a); auto y = aie::load_v<32>(b);
  auto acc = aie::mul(aie::op_sign(x, sign), y);
  aie::store_v(mul, acc.to_vector<int32>());
  aie::store_v(mac, aie::mac(acc, aie::op_sign(x, sign), aie::op_sign(y, !sign)).to_vector<int32>());
  aie::store_v(msc, aie::msc(aie::negmul(x, aie::op_sign(b[0], 0)), aie::op_sign(x, 1), int8(3)).to_vector<int32>());
  aie::store_v(wide, aie::unpack(aie::op_sign(x, sign)).cast_to<int16>());
  aie::store_v(ups, aie::from_vector<acc32>(aie::op_sign(x, sign), 2).to_vector<int32>());
  aie::set_saturation(aie::saturation_mode::saturate);
  aie::store_v(srs, aie::to_vector<uint8>(aie::op_sign(acc, sign), 6));
  aie::mmul<4, 8, 8, uint8, int8> m;
  m.mul(aie::op_sign(x, sign), aie::load_v<64>(b));
  m.mac(x, aie::op_sign(aie::load_v<64>(b), sign));
  aie::store_v(matrix, m.to_vector<int32>());"""
    outputs = dict.fromkeys(("mul", "mac", "msc", "ups", "matrix"), ("int32", 32))
    outputs |= {"wide": ("int16", 32), "srs": ("uint8", 32)}
    (got,) = call(body, [{"a": a, "b": b}], outputs, [{"sign": sign}])
    u, s = wide(a[:32]), wide(a[:32].view(np.int8))
    x, y = s if sign else u, wide(b[:32])
    unsigned = wide(b.view(np.uint8))
    assert_same(got["mul"], (x * y).astype(np.int32))
    assert_same(got["mac"], (x * y + x * (unsigned[:32] if sign else y)).astype(np.int32))
    assert_same(got["msc"], (-u * int(unsigned[0]) - s * 3).astype(np.int32))
    assert_same(got["wide"], x.astype(np.int16))
    assert_same(got["ups"], (x << 2).astype(np.int32))
    narrow = srs(x * y, "int8" if sign else "uint8", 6, "positive_inf", "saturate")
    assert_same(got["srs"], narrow.view(np.uint8))
    right = wide(b) if sign else unsigned
    matrix = x.reshape(4, 8) @ wide(b).reshape(8, 8) + u.reshape(4, 8) @ right.reshape(8, 8)
    assert_same(got["matrix"], matrix.ravel().astype(np.int32))
