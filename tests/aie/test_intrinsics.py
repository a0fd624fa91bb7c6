"""Intrinsics on native registers against plain numpy."""

from __future__ import annotations

import re

import numpy as np
import pytest

from .machine import Array, assert_same, call, edge_floats, edge_integers
from .model import acc as acc_of
from .model import srs, wide

TWO = [f"T{w}_{n}x2" for w, n in ((8, 64), (16, 32), (32, 16), (64, 8), (128, 4), (256, 2))]
TWO += [f"T{w}_2x{n}" for w, n in ((8, 64), (16, 32), (32, 16), (64, 8), (128, 4))]
TWO += ["T512_1x2", "T16_16x4", "T16_4x16", "T32_8x4", "T32_4x8"]
WHOLE = ["T16_8x4", "T16_4x8", "T32_4x4", "T8_8x8", "T8_16x4", "T8_4x16"]
ALIASES = {
    "DINTLV_lo_8o16": "T8_64x2_lo", "DINTLV_hi_128o256": "T128_4x2_hi",
    "INTLV_lo_8o16": "T8_2x64_lo", "INTLV_hi_16o32": "T16_2x32_hi",
    "INTLV_lo_256o512": "T256_2x2_lo", "DINTLV_hi_256o512": "T256_2x2_hi",
}  # fmt: skip


def transposed(mode: str, a: Array, b: Array) -> Array:
    """What a mode of shuffle gives, by the name of the mode; bytes."""
    parts = re.fullmatch(r"T(\d+)_(\d+)x(\d+)(?:_(lo|hi))?", mode)
    assert parts
    width, rows, columns = int(parts[1]) // 8, int(parts[2]), int(parts[3])
    whole = np.concatenate([a, b])[: width * rows * columns].reshape(rows, columns, width)
    result = whole.transpose(1, 0, 2).ravel()
    return result[64:] if parts[4] == "hi" else result[:64]


def test_shuffle_by_every_mode():
    modes = [f"{m}_{half}" for m in TWO for half in ("lo", "hi")] + WHOLE
    a, b = np.arange(64, dtype=np.uint8), np.arange(100, 164, dtype=np.uint8)
    names = [*modes, *ALIASES]
    lines = [
        f"*(v64uint8 *)(out + {64 * i}) = shuffle(*(v64uint8 *)a, *(v64uint8 *)b, {m});"
        for i, m in enumerate(names)
    ]
    done = call("\n".join(lines), [{"a": a, "b": b}], {"out": ("uint8", 64 * len(names))})
    for i, name in enumerate(names):
        want = transposed(ALIASES.get(name, name), a, b)
        assert_same(done[0]["out"][64 * i : 64 * i + 64], want, name)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32"])
def test_lanes_of_integers(dtype: str):
    lanes = 512 // np.iinfo(dtype).bits
    kind = f"v{lanes}{dtype}"
    tag = dtype.replace("uint", "u").replace("int", "s")
    a, b = edge_integers(dtype, lanes, 1), edge_integers(dtype, lanes, 2)
    b[::3] = a[::3]
    body = f"""
  {kind} x = *({kind} *)a, y = *({kind} *)b, *o = ({kind} *)out;
  *o++ = max(x, y);
  *o++ = min(x, y);
  *o++ = band(x, y);
  *o++ = bor(x, y);
  *o++ = bxor(x, y);
  *o++ = bneg(x);
  *o++ = add(x, y);
  *o++ = sub(x, y);
  *o++ = sel(x, y, lt(x, y));
  *o++ = sel(x, y, ge(x, y));
  *o++ = sel(x, y, gt(x, y));
  *o++ = sel(x, y, le(x, y));
  *o++ = shift(x, y, 3);
  *o++ = shift_bytes(x, y, 20);
  *o++ = broadcast_elem(x, 5);
  *o++ = upd_elem(x, 4, ext_elem(y, 6));
  *o++ = broadcast_{tag}(ext_elem(x, 1));
  *o++ = bor(broadcast_zero_{tag}(), broadcast_one_{tag}());"""
    got = call(body, [{"a": a, "b": b}], {"out": (dtype, 18 * lanes)})[0]["out"]
    both = np.concatenate([a, b])
    changed = a.copy()
    changed[4] = b[6]
    twenty = both.view(np.uint8)[20:84].view(dtype)
    want = [
        np.maximum(a, b), np.minimum(a, b), a & b, a | b, a ^ b, ~a, a + b, a - b,
        np.where(a < b, b, a), np.where(a >= b, b, a),
        np.where(a > b, b, a), np.where(a <= b, b, a), both[3 : 3 + lanes], twenty,
        np.full(lanes, a[5]), changed, np.full(lanes, a[1]), np.full(lanes, 1),
    ]  # fmt: skip
    assert_same(got, np.concatenate(want).astype(dtype), dtype)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32"])
def test_comparisons_of_integers_as_bits(dtype: str):
    lanes = 512 // np.iinfo(dtype).bits
    kind, word = f"v{lanes}{dtype}", "unsigned long long" if lanes == 64 else "unsigned"
    a, b = edge_integers(dtype, lanes, 1), edge_integers(dtype, lanes, 2)
    b[::3] = a[::3]
    body = f"""
  {kind} x = *({kind} *)a, y = *({kind} *)b, *o = ({kind} *)out;
  {word} m[11];
  *o++ = max_lt(x, y, m[0]);
  *o++ = min_ge(x, y, m[1]);
  m[2] = eq(x, y); m[3] = ne(x, y); m[4] = eqz(x); m[5] = ltz(x); m[6] = gtz(x);
  *o++ = maxdiff(x, y);
  *o++ = neg(x);
  *o++ = abs(x);
  *o++ = shiftl_elem(x, y[1]);
  *o++ = shiftr_elem(x, y[1]);
  *o++ = shuffle(x, T8_8x8);
  *o++ = bor(broadcast_zero_to_{kind}(), x);
  *o++ = abs_gtz(x, m[7]);
  *o++ = sub_lt(x, y, m[8]);
  *o++ = sub_ge(x, y, m[9]);
  *o++ = maxdiff_lt(x, y, m[10]);
  *o++ = insert(x, 2, extract_v{lanes // 4}{dtype}(y, 1));
  for (int i = 0; i < 11; i++) {{
    unsigned long long w = m[i];
    low[i] = (unsigned)w, high[i] = (unsigned)(w >> 32);
  }}"""
    outputs = {"out": (dtype, 14 * lanes), "low": ("uint32", 11), "high": ("uint32", 11)}
    (got,) = call(body, [{"a": a, "b": b}], outputs)
    magnitude = np.where(a < 0, -a, a)
    quarters, difference = a.copy().reshape(4, -1), np.where(a > b, a - b, 0)
    quarters[2] = b.reshape(4, -1)[1]
    want = [
        np.maximum(a, b), np.minimum(a, b), difference, -a, magnitude,
        np.append(a[1:], b[1]), np.append(b[1], a[:-1]),
        a.view(np.uint8).reshape(8, 8).T.ravel().view(dtype), a,
        magnitude, a - b, a - b, difference, quarters.ravel(),
    ]  # fmt: skip
    assert_same(got["out"], np.concatenate([np.asarray(w).astype(dtype) for w in want]), dtype)
    masks = (a < b, a >= b, a == b, a != b, a == 0, a < 0, a > 0, a > 0, a < b, a >= b, a < b)
    bits = [sum(1 << int(i) for i in np.flatnonzero(m)) for m in masks]
    assert [int(x) + (int(y) << 32) for x, y in zip(got["low"], got["high"], strict=True)] == bits


def test_accumulators_added_and_negated():
    a = edge_integers("int16", 32, 3)
    body = """
  v32int16 x = *(v32int16 *)a;
  v32acc32 p = mul_elem_32(x, x), twice = add(p, p);
  p = sub(neg(twice), add(p, broadcast_zero_to_v32acc32()));
  *(v32int16 *)out = srs_to_v32int16(p, 4);"""
    (got,) = call(body, [{"a": a}], {"out": ("int16", 32)})
    total = acc_of(-3 * wide(a) * wide(a), 32)
    assert_same(got["out"], srs(total, "int16", 4, "positive_inf"))


def test_vectors_to_accumulators_and_back_by_the_accumulators_width():
    a = edge_integers("int16", 32, 7)
    body = """
  v16int16 x = *(v16int16 *)a, *o = (v16int16 *)out;
  v16uint16 u = *(v16uint16 *)a;
  *o++ = srs_to_v16int16(ups_to_v16acc32(x, 2), 3);
  *o++ = lsrs(sups(x, 2), 3);
  *o++ = ssrs(lups(x, 2), 3);
  *o++ = ssrs(lups(u, 2, 0), 4, 1);
  v8acc64 w = lups(*(v8int32 *)a, 1);
  *o++ = (v16int16)lsrs(add(w, w), 3);
  *(v32int8 *)o = ssrs(sups(*(v32int8 *)a, 1), 2);"""
    got = call(body, [{"a": a}], {"out": ("int16", 6 * 16)})[0]["out"].reshape(6, 16)
    halved = srs(wide(a[:16]), "int16", 1, "positive_inf")
    for row in got[:3]:
        assert_same(row, halved)
    unsigned = wide(a[:16].view(np.uint16))
    assert_same(got[3], srs(unsigned, "int16", 2, "positive_inf"))
    words, bytes_ = a[:16].view(np.int32), a[:16].view(np.int8)
    assert_same(got[4].view(np.int32), srs(wide(words), "int32", 1, "positive_inf"))
    assert_same(got[5].view(np.int8), srs(wide(bytes_), "int8", 1, "positive_inf"))


def test_halves_and_widths():
    a, b = edge_integers("int8", 64, 3), edge_integers("int8", 64, 4)
    body = """
  v64int8 x = *(v64int8 *)a, *o = (v64int8 *)out;
  v32int8 low = extract_v32int8(x, 0), high = extract_v32int8(x, 1);
  *o++ = concat(high, low);
  *o++ = insert(x, 1, low);
  *o++ = insert(set_v64int8(0, high), 1, high);
  *o++ = (v64int8)unpack(low);
  *o++ = concat(pack(unpack(high)), srs_to_v32int8(ups_to_v32acc32(low, 3), 3));
  v32acc32 c = mul_4x8_8x8(x, *(v64int8 *)b);
  c = mac_4x8_8x8(set_v64int8(0, high), *(v64int8 *)b, c);
  *o++ = (v64int8)srs_to_v32int16(c, 2);"""
    got = call(body, [{"a": a, "b": b}], {"out": ("int8", 6 * 64)})[0]["out"]
    low, high = a[:32], a[32:]
    matrix = b.astype(np.int64).reshape(8, 8)
    total = (low.astype(np.int64) + high.astype(np.int64)).reshape(4, 8) @ matrix
    want = [
        high, low, low, low, high, high, low.astype(np.int16).view(np.int8), high, low,
        srs(total.ravel(), "int16", 2, "positive_inf").view(np.int8),
    ]  # fmt: skip
    assert_same(got, np.concatenate(want), "halves")


@pytest.mark.parametrize(
    ("a_type", "b_type", "lanes"),
    [("int8", "int8", 64), ("uint8", "int8", 64), ("int8", "uint8", 64), ("uint8", "uint8", 64),
     ("int16", "int16", 32), ("uint16", "uint16", 32)],
)  # fmt: skip
def test_products_of_all_lanes_two_to_one(a_type: str, b_type: str, lanes: int):
    half, bits = lanes // 2, 32 if lanes == 64 else 64
    name, acc = f"elem_{half}_2", f"v{half}acc{bits}"
    a, b = edge_integers(a_type, lanes, 5), edge_integers(b_type, lanes, 6)
    body = f"""
  v{lanes}{a_type} x = *(v{lanes}{a_type} *)a; v{lanes}{b_type} y = *(v{lanes}{b_type} *)b;
  {acc} p = mac_{name}(x, y, mul_{name}(x, y)), q = msc_{name}(x, y, negmul_{name}(x, y));
  aie::store_v(out, aie::accum<acc{bits}, {half}>(p).to_vector<int32>(1));
  aie::store_v(out + {half}, aie::accum<acc{bits}, {half}>(q).to_vector<int32>(1));"""
    (got,) = call(body, [{"a": a, "b": b}], {"out": ("int32", lanes)})
    sums = (wide(a) * wide(b)).reshape(2, half).sum(axis=0) * 2
    want = [srs(acc_of(s, bits), "int32", 1, "positive_inf") for s in (sums, -sums)]
    assert_same(got["out"], np.concatenate(want), name)


def test_negative_products_of_bfloat16_pairs():
    a = edge_floats("bfloat16", 32, 1, False)
    body = """v32bfloat16 x = *(v32bfloat16 *)a;
  *(v16accfloat *)out = msc_elem_16_2(x, x, negmul_elem_16_2(x, x));
  *(v16accfloat *)(out + 16) = mac_elem_16_2(x, x, mul_elem_16_2(x, x));"""
    (got,) = call(body, [{"a": a}], {"out": ("float32", 32)})
    assert_same(got["out"][:16], -got["out"][16:])


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_signs_as_arguments(bits: int):
    """Registers of either sign, computed as if of the other."""
    lanes = 512 // bits
    word = "unsigned long long" if lanes == 64 else "unsigned"
    a, b = edge_integers(f"int{bits}", lanes, 1), edge_integers(f"int{bits}", lanes, 2)
    b[::3] = a[::3]
    body, outputs = "", {}
    for given, s in (("int", 0), ("uint", 1)):
        kind = f"v{lanes}{given}{bits}"
        outputs[f"o_{given}"] = (f"int{bits}", 8 * lanes)
        body += f"""{{ auto x = *({kind} *)a, y = *({kind} *)b; auto o = ({kind} *)o_{given};
  {word} m[5];
  *o++ = max(x, y, {s}); *o++ = min(x, y, {s}); *o++ = maxdiff(x, y, {s}); *o++ = abs(x, {s});
  m[0] = lt(x, y, {s}); m[1] = ge(x, y, {s});
  *o++ = max_lt(x, y, {s}, m[2]); *o++ = min_ge(x, y, {s}, m[3]);
  *o++ = addsub(x, y, m[0]); *o++ = bneg_ltz(x, {s}, m[4]);
  {word} all = ({word})~0ull >> (sizeof m[0] * 8 - {lanes});
  flags[{s}] = m[0] == (m[1] ^ all) && m[2] == m[0] && m[3] == m[1] && m[4] == ltz(x, {s}); }}
"""
    outputs["flags"] = ("int32", 2)
    (got,) = call(body, [{"a": a, "b": b}], outputs)
    assert got["flags"].all()
    for given, kind in (("int", "uint"), ("uint", "int")):
        x, y = a.view(f"{kind}{bits}"), b.view(f"{kind}{bits}")
        less = x < y
        size = np.abs(x)  # the lowest value stays
        want = [np.maximum(x, y), np.minimum(x, y), np.where(less, 0, x - y).astype(x.dtype), size,
                np.maximum(x, y), np.minimum(x, y), np.where(less, x - y, x + y), ~x]  # fmt: skip
        assert_same(got[f"o_{given}"], np.concatenate(want).view(f"int{bits}"), given)


def test_modes_for_one_narrowing():
    body = """v32acc32 c = ups_to_v32acc32(*(v32int16 *)a, 0);
  *(v32int8 *)out = ssrs_conf(c, 3, 1, 1, rnd_conv_even);
  *(v32uint8 *)(out + 32) = srs_to_v32uint8_conf(c, 3, 1, rnd_ceil);
  *(v32int8 *)(out + 64) = ssrs(c, 3);"""
    a = edge_integers("int16", 32, 1)
    got = call(body, [{"a": a}], {"out": ("int8", 96)})[0]["out"]
    assert_same(got[:32], srs(wide(a), "int8", 3, "conv_even", "saturate"))
    assert_same(got[32:64].view(np.uint8), srs(wide(a), "uint8", 3, "ceil", "saturate"))
    assert_same(got[64:], srs(wide(a), "int8", 3, "positive_inf"))


def test_leading_bits_and_signs_of_floats():
    values = np.array([0, 1, -1, 5, -5, 2**31 - 1, -(2**31), 1 << 20], np.int32)
    f = edge_floats("bfloat16", 32, 1, False)
    f[3] = -0.0
    body = """for (int i = 0; i < 8; i++) { out[i] = clb(a[i]); out[8 + i] = clb((unsigned)a[i]); }
  out[16] = clb(1ull << 40); out[17] = clb(-1ll);
  v32bfloat16 x = *(v32bfloat16 *)f;
  out[18] = (int)ltz(x); out[19] = (int)gtz(x); out[20] = (int)eqz(x);
  *(v32bfloat16 *)g = bor(band(x, x), abs(x));"""
    (got,) = call(body, [{"a": values, "f": f}], {"out": ("int32", 21), "g": ("bfloat16", 32)})
    leading = [32 - int(v if v >= 0 else ~v).bit_length() for v in values]
    unsigned = [32 - int(v).bit_length() for v in values.view(np.uint32)]
    n = f.astype(np.float32)
    masks = [int(np.packbits(m, bitorder="little").view("<i4")[0]) for m in (n < 0, n > 0, n == 0)]
    assert got["out"].tolist() == [*leading, *unsigned, 23, 64, *masks]
    assert_same(got["g"].view(np.int16), f.view(np.int16))


def test_halves_of_accumulators():
    body = """v16acc64 c = *(v16acc64 *)a;
  v8acc64 low = extract_v8acc64(c, 0), high = extract_v8acc64(c, 1);
  *(v16acc64 *)out = concat(high, low);
  *(v16acc64 *)(out + 32) = insert(set_v16acc64(0, low), 1, low);
  v32acc32 d = *(v32acc32 *)a;
  v16int16 never = undef_v16int16();
  v32int16 half = insert(concat(never, never), 0, *(v16int16 *)a);
  half = insert(half, 1, extract_v16int16(half, 0));
  *(v32acc32 *)(out + 64) = concat(extract_v16acc32(d, 1), (v16acc32)half);"""
    a = edge_integers("int32", 32, 1)
    got = call(body, [{"a": a}], {"out": ("int32", 96)})[0]["out"]
    low, high = a[:16], a[16:]
    assert_same(got, np.concatenate([high, low, low, low, high, low[:8], low[:8]]))
