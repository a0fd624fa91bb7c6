# ruff: noqa: E501 (kernel text)
"""Lookup tables and linear approximation: every type, both policies, the traps of a wrong table."""

from __future__ import annotations

import itertools

import ml_dtypes
import numpy as np
import pytest

from kernelgepa.protocols import Execution
from kernelgepa.verdict import Stage

from . import model
from .machine import Array, assert_same, call, edge_integers, execute
from .model import BF16
from .tables import doubled

C_NAMES = {"bfloat16": "bfloat16", "float32": "float"}
INDICES = ["int8", "uint8", "int16", "uint16", "int32", "uint32"]
HEADER = "#include <aie_api/aie.hpp>\n"
VALUES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "bfloat16", "float32"]


def table(dtype: str, elems: int) -> tuple[Array, Array]:
    """Values, and the bytes that hold them; 8-bit values lie in 16."""
    rng = np.random.default_rng(elems)
    kind = BF16 if dtype == "bfloat16" else np.dtype(dtype)
    if dtype in C_NAMES:
        values = rng.normal(size=elems).astype(kind)
    else:
        info = np.iinfo(dtype)
        values = rng.integers(info.min, info.max, elems, dtype=dtype, endpoint=True)
    held = values.astype(np.uint8).astype(np.uint16) if kind.itemsize == 1 else values
    return values, doubled(held)


def within(index: Array, elems: int, bias: int, policy: str) -> Array:
    at = index + bias
    return np.mod(at, elems) if policy == "truncate" else np.clip(at, 0, elems - 1)


@pytest.mark.parametrize("index", INDICES)
def test_every_value_at_every_index(index: str):
    """32 entries: indices leave the table, so the policy counts."""
    elems, signed = 32, not index.startswith("u")
    x = edge_integers(index, 32, 1)
    if "32" in index:
        x //= 64  # an offset is eight times the index, and has 32 bits
    x[::2] = np.arange(16) - (8 if signed else 0)
    inputs, outputs = {"x": x}, {}
    body = "aie::set_rounding(aie::rounding_mode::floor);"
    for value, policy in itertools.product(VALUES, ("saturate", "truncate")):
        lanes = 16 if value in ("int32", "uint32", "float32") or "32" in index else 32
        kind = f"aie::lut<4, {C_NAMES.get(value, value)}>"
        name = f"{value}_{policy}"
        inputs[f"t_{value}"] = table(value, elems)[1]
        outputs[name] = (value, 32)
        body += f"""{{ {kind} t({elems}, t_{value}, t_{value});
        aie::parallel_lookup<{index}, {kind}, aie::lut_oor_policy::{policy}> f(t, 1{", 16" if signed else ""});
        for (int i = 0; i < 32; i += {lanes}) aie::store_v({name} + i, f.fetch(aie::load_v<{lanes}>(x + i))); }}\n"""
    (got,) = call(body, [inputs], outputs)
    shifted = x.astype(np.int64) // 2
    for value, policy in itertools.product(VALUES, ("saturate", "truncate")):
        at = within(shifted, elems, 16 * signed, policy)
        name = f"{value}_{policy}"
        assert_same(got[name], table(value, elems)[0][at], name)


def test_an_index_far_outside_is_told_as_one():
    x = np.full(16, 2**29, np.uint32)  # four times that is negative in 32 bits
    _, held = table("int16", 64)
    source = f"""{HEADER}void k(uint32_t *x, int16_t *t, int16_t *out) {{
  aie::parallel_lookup<uint32, aie::lut<4, int16>> f(aie::lut<4, int16>(64, t, t));
  aie::store_v(out, f.fetch(aie::load_v<16>(x)));
}}"""
    done = execute(source, "k", [{"x": x, "t": held.view(np.int16)}], {"out": ("int16", 16)})
    found = done.cases[0].diagnostics[0]
    assert (found.code, found.line) == ("table-layout", 4)


@pytest.mark.parametrize(("index", "bias"), [("int8", 128), ("uint8", 0), ("int8", 0)])
def test_a_table_of_every_index_and_pointers_to_its_middle(index: str, bias: int):
    x = np.arange(-128, 128).astype(index) if index == "int8" else np.arange(256).astype(index)
    values, held = table("int16", 256)
    middle = "" if index == "uint8" or bias else " + 512"
    body = f"""aie::lut<4, int16> t(256, table{middle}, table{middle});
    aie::parallel_lookup<{index}, aie::lut<4, int16>, aie::lut_oor_policy::truncate> f(t, 0{f", {bias}" if bias else ""});
    auto i = aie::begin_vector<32>(x); auto o = aie::begin_vector<16>(out);
    for (int n = 0; n < 8; n++) {{ auto v = f.fetch(*i++); *o++ = v.extract<16>(0); *o++ = v.extract<16>(1); }}"""
    (got,) = call(body, [{"x": x, "table": held}], {"out": ("int16", 256)})
    assert_same(got["out"], values)


@pytest.mark.parametrize(("mode", "up"), [("floor", False), ("positive_inf", True)])
def test_an_index_is_shifted_under_the_rounding_mode(mode: str, up: bool):
    """As the headers do, who ask for floor where lower bits are set."""
    x = np.full(32, 15, np.int16)  # 15 / 16 is nearer to 1
    values, held = table("int16", 64)
    body = f"""aie::set_rounding(aie::rounding_mode::{mode});
    aie::lut<4, int16> t(64, table, table);
    aie::store_v(out, aie::parallel_lookup<int16, aie::lut<4, int16>>(t, 4, 32).fetch(aie::load_v<32>(x)));"""
    (got,) = call(body, [{"x": x, "table": held}], {"out": ("int16", 32)})
    assert_same(got["out"], np.full(32, values[33 if up else 32]))


def integer_pairs(dtype: str, elems: int, seed: int) -> tuple[Array, Array]:
    pairs = edge_integers(dtype, 2 * elems, seed).reshape(-1, 2)
    return pairs, doubled(pairs)


@pytest.mark.parametrize(
    ("kind", "values", "step", "bias", "shift", "bits"),
    [("int8", "int8", 3, 16, 2, 32), ("int8", "int8", 2, 32, 0, 32),
     ("int16", "int16", 11, 16, 5, 64), ("int16", "int32", 12, 8, 0, 64)],
)  # fmt: skip
def test_slopes_and_offsets_of_integers(
    kind: str, values: str, step: int, bias: int, shift: int, bits: int
):
    elems, lanes = 2 * bias, 32 if kind == "int8" else 16
    x = edge_integers(kind, 64, 3)
    pairs, held = integer_pairs(values, elems, 4)
    t = f"aie::lut<4, {values}>"
    body = f"""{t} t({elems}, table, table); aie::linear_approx<{kind}, {t}> f(t, {step}, {bias}, {shift});
    for (int i = 0; i < 64; i += {lanes}) {{ auto a = f.compute(aie::load_v<{lanes}>(x + i));
      static_assert(std::is_same_v<decltype(a), aie::accum<acc{bits}, {lanes}>>); aie::store_v(out + i, a.to_vector<int32>(2)); }}"""
    (got,) = call(body, [{"x": x, "table": held}], {"out": ("int32", 64)})
    w = model.wide(x)
    at = np.asarray(w // 2**step + bias, int)
    total = model.wide(pairs[at, 0]) * (w % 2**step) + model.wide(pairs[at, 1]) * 2**shift
    assert_same(got["out"], model.srs(model.acc(total, bits), "int32", 2, "positive_inf"))


def test_slopes_and_offsets_of_floats():
    x = np.concatenate([np.linspace(-9, 9, 62), [0.25, -0.25]]).astype(BF16)
    at = np.clip(np.floor(x.astype(float) * 4) + 16, 0, 31).astype(int)
    slope = np.linspace(-2, 2, 32).astype(BF16).astype(np.float32)
    offset = np.linspace(3, -1, 32).astype(np.float32)
    held = doubled(np.stack([slope, offset], 1)).view(np.float32)
    body = """using L = aie::lut<4, float, bfloat16>; L t(32, ab, cd); aie::linear_approx<bfloat16, L> f(t, -2, 16);
    for (int i = 0; i < 64; i += 16) aie::store_v(out + i, f.compute(aie::load_v<16>(x + i)).to_vector<float>());
    v32bfloat16 low, high; load_lut_2x_float(ab, cd, (v16int32)aie::broadcast<int32, 16>(16 * lane), low, high);
    *(v16float *)pair = (v16float)shuffle((v16float)low, (v16float)high, T32_2x16_lo);
    *(v16int32 *)whole = bfloat16_to_int(*(v16bfloat16 *)x, 2);"""
    (got,) = call(
        body, [{"x": x, "ab": held, "cd": held}],
        {"out": ("float32", 64), "pair": ("float32", 16), "whole": ("int32", 16)}, [{"lane": 5}],
    )  # fmt: skip
    assert_same(got["out"], model.mac_f32(offset[at], slope[at].astype(BF16), x))
    assert_same(got["pair"], np.tile([slope[5], slope[5], offset[5], offset[5]], 4))
    assert_same(got["whole"], np.floor(x[:16].astype(float) * 4).astype(np.int32))


def looked_up(tables: str, use: str) -> Execution:
    source = f"""{HEADER}{tables}
void k(int8_t *x, int16_t *out) {{
  {use}
  aie::store_v(out, f.fetch(aie::load_v<32>(x)));
}}"""
    return execute(source, "k", [{"x": np.arange(32, dtype=np.int8)}], {"out": ("int16", 32)})


TABLE = "{0,1,2,3,4,5,6,7,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,8,9,10,11,12,13,14,15}"
ONCE = "{0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31}"
L = "using L = aie::lut<4, int16>;"
SATURATED = f"{L} aie::parallel_lookup<int8, L> f(L(16, ab, cd));"
WRAPPED = f"{L} aie::parallel_lookup<int8, L, aie::lut_oor_policy::truncate> f(L(%d, ab, cd));"
BOTH = f"alignas(32) static const int16_t ab[32] = {TABLE}, cd[32] = {TABLE};"


@pytest.mark.parametrize(
    ("tables", "use", "code", "word"),
    [
        (f"alignas(32) static const int16_t ab[32] = {TABLE}, big[33] = {TABLE}; static const int16_t *cd = big + 1;",
         SATURATED, "misaligned", "vector_decl_align"),
        (f"alignas(32) static const int16_t ab[16] = {{0}}; alignas(32) static const int16_t cd[32] = {TABLE};",
         SATURATED, "table-size", "LUT_elems"),
        (f"alignas(32) static const int16_t ab[32] = {ONCE}, cd[32] = {ONCE};", SATURATED, "table-layout", "128 bits"),
        (f"alignas(32) static const int16_t ab[32] = {TABLE}, cd[32] = {TABLE.replace('15', '99')};",
         SATURATED, "table-layout", "both arrays"),
        (BOTH, WRAPPED % 12, "table-size", "power of two"),
        (BOTH, f"{L} struct {{ L l; auto fetch(aie::vector<int8, 32> v) {{ aie::linear_approx<int16, L> g(l, 2); return g.compute(v.extract<16>(0).unpack()).to_vector<int16>().grow<32>(); }} }} f{{L(8, ab, cd)}};",
         "step-bits", "3 for int16"),
    ],
    ids=["misaligned", "small", "not-repeated", "unequal", "not-a-power", "few-step-bits"],
)  # fmt: skip
def test_a_wrong_table_is_a_verdict_on_the_line_that_uses_it(
    tables: str, use: str, code: str, word: str
):
    done = looked_up(tables, use)
    assert done.stage is Stage.RUN, done
    found = done.cases[0].diagnostics[0]
    assert (found.code, word in found.message) == (code, True), found
    assert found.line in (4, 5)


def test_the_same_tables_used_as_they_must_be():
    for use in (SATURATED, WRAPPED % 16):
        done = looked_up(BOTH, use)
        assert done.stage is Stage.COMPARE, done
        want = np.arange(32) % 16 if "truncate" in use else np.minimum(np.arange(32), 15)
        assert np.frombuffer(done.cases[0].outputs["out"], np.int16).tolist() == want.tolist()


def test_a_table_that_the_kernel_fills_is_read_after_it_is_filled():
    body = """alignas(32) int16_t t[64];
    for (int i = 0; i < 32; i++) t[i / 8 * 16 + i % 8] = t[i / 8 * 16 + i % 8 + 8] = (int16_t)(i * scale);
    aie::lut<4, int16> l(32, t, t); aie::parallel_lookup<uint8, aie::lut<4, int16>> f(l);
    aie::store_v(out, f.fetch(aie::load_v<32>(x)));
    for (int i = 0; i < 64; i++) t[i] = 7;
    aie::store_v(out + 32, f.fetch(aie::load_v<32>(x)));"""
    x = np.arange(32, dtype=np.uint8)[::-1].copy()
    (got,) = call(body, [{"x": x}], {"out": ("int16", 64)}, [{"scale": 3}])
    assert_same(got["out"], np.concatenate([x * 3, np.full(32, 7)]).astype(np.int16))


def test_bfloat16_slopes_are_the_upper_half_of_a_float():
    """The lower half meets a zero: finite bits there are without effect."""
    slope = np.full(32, 1.5 + 2**-12, np.float32)
    held = doubled(np.stack([slope, np.zeros(32, np.float32)], 1)).view(np.float32)
    x = np.arange(16).astype(ml_dtypes.bfloat16)
    body = """using L = aie::lut<4, float, bfloat16>; L t(32, ab, ab); aie::linear_approx<bfloat16, L> f(t, 0);
    aie::store_v(out, f.compute(aie::load_v<16>(x)).to_vector<float>());"""
    (got,) = call(body, [{"x": x, "ab": held}], {"out": ("float32", 16)})
    assert_same(got["out"], (x.astype(np.float32) * 1.5))
