# ruff: noqa: E501 (kernel text)
"""Matrix shapes, masks, shuffles, transposes, reductions: every width, exactly."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from . import model
from .machine import Array, assert_same, call, edge_floats, edge_integers

# UG1529, Matrix Multiplication, column AIE-ML; starred shapes there are several instructions.
SHAPES = {
    ("int8", "int8"): "4x8x4 4x16x4 8x8x4 2x8x8 4x8x8 8x8x8 1x16x8 2x16x8 4x16x8",
    ("int16", "int8"): "4x4x4 8x4x4 4x8x4 4x4x8 8x4x8 2x8x8",
    ("int8", "int16"): "4x4x8 4x4x4",
    ("int16", "int16"): "4x4x4 2x4x8 4x4x8 4x2x8 8x2x8 8x1x8",
    ("int32", "int16"): "2x4x8 4x4x8 4x4x4 4x2x4 4x1x8",
    ("int16", "int32"): "2x4x8 4x4x4",
    ("int32", "int32"): "4x2x4 4x4x4 8x2x4 4x1x8 8x1x8",
    ("bfloat16", "bfloat16"): "4x8x4 8x8x4 4x8x8 8x8x8 8x1x8",
    ("float32", "float32"): "4x8x4 4x1x4 4x1x8",
}
# 16 results of 64 bits fill an accumulator as 32 of 32 bits do
WIDE = {"int16 int8 4x8x4", "int16 int8 2x8x8", "int8 int16 4x4x4", "int16 int16 4x4x4",
        "int16 int16 2x4x8"}  # fmt: skip
INTEGER_SHAPES = [k for k in SHAPES if "int" in k[0]]
SIGNS = list(itertools.product(("", "u"), repeat=2))


def sizes(text: str) -> tuple[int, int, int]:
    m, k, n = map(int, text.split("x"))
    return m, k, n


def c_type(dtype: str) -> str:
    return {"bfloat16": "bfloat16", "float32": "float"}.get(dtype, f"{dtype}_t")


def product_body(shape: str, a: str, b: str, outputs: dict[str, tuple[str, int]], out: str) -> str:
    """mul, mac, then the result as a vector; and the same through an accumulator given back."""
    m, k, n = sizes(shape)
    kind = out if "int" in out else "float32"
    outputs[f"v{shape}"], outputs[f"r{shape}"] = (kind, m * n), (kind, m * n)
    t = c_type(kind)
    wide = "int32" in a + b or f"{a} {b} {shape}".replace("u", "") in WIDE
    tag = "accfloat" if kind == "float32" else "acc64" if wide else "acc32"
    return f"""{{ using M = aie::mmul<{m}, {k}, {n}, {c_type(a)}, {c_type(b)}>;
    static_assert(std::is_same_v<M::value_type, {tag}>);
    static_assert(M::size_A == {m * k} && M::size_B == {k * n} && M::size_C == {m * n});
    M c; c.mul(aie::load_v<M::size_A>(a), aie::load_v<M::size_B>(b));
    c.mac(aie::load_v<M::size_A>(a + {m * k}), aie::load_v<M::size_B>(b + {k * n}));
    aie::store_v(v{shape}, c.template to_vector<{t}>({0 if kind == "float32" else 1}));
    M d(c.to_accum()); d.mac(aie::load_v<M::size_A>(a), aie::load_v<M::size_B>(b));
    aie::store_v(r{shape}, d.template to_vector<{t}>()); }}\n"""


@pytest.mark.parametrize(
    ("types", "signs"),
    # of the wider types each operand is unsigned once, and both are signed in kernels
    [(t, s) for t in INTEGER_SHAPES for s in SIGNS if "int8" in t or s[0] != s[1]],
    ids="-".join,
)
def test_integer_matrix_products(types: tuple[str, str], signs: tuple[str, str]):
    a_type, b_type = signs[0] + types[0], signs[1] + types[1]
    a, b = edge_integers(a_type, 512, 1), edge_integers(b_type, 512, 2)
    outputs: dict[str, tuple[str, int]] = {}
    body = "".join(product_body(s, a_type, b_type, outputs, "int32") for s in SHAPES[types].split())
    (got,) = call(body, [{"a": a, "b": b}], outputs)
    for shape in SHAPES[types].split():
        m, k, n = sizes(shape)
        first = model.matrix_product(a[: m * k], b[: k * n], m, k, n)
        second = model.matrix_product(a[m * k : 2 * m * k], b[k * n : 2 * k * n], m, k, n)
        wide = "int32" in types or f"{types[0]} {types[1]} {shape}" in WIDE
        bits = 64 if wide else 32
        total = model.acc(first + second, bits)
        assert_same(got[f"v{shape}"], model.srs(total, "int32", 1, "positive_inf"), shape)
        total = model.acc(total + first, bits)
        assert_same(got[f"r{shape}"], model.srs(total, "int32"), shape)


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_float_matrix_products(dtype: str):
    a, b = edge_floats(dtype, 256, 1, False), edge_floats(dtype, 256, 2, False)
    outputs: dict[str, tuple[str, int]] = {}
    shapes = SHAPES[dtype, dtype].split()
    body = "".join(product_body(s, dtype, dtype, outputs, dtype) for s in shapes)
    (got,) = call(body, [{"a": a, "b": b}], outputs)
    for shape in shapes:
        m, k, n = sizes(shape)
        zero = np.zeros(m * n, np.float32)
        one = model.float_matrix_product(zero, a[: m * k], b[: k * n], m, k, n)
        two = model.float_matrix_product(one, a[m * k : 2 * m * k], b[k * n : 2 * k * n], m, k, n)
        assert_same(got[f"v{shape}"], two, shape)
        three = model.float_matrix_product(two, a[: m * k], b[: k * n], m, k, n)
        assert_same(got[f"r{shape}"], three, shape)


# --- masks -------------------------------------------------------------------------------------
MASK_OPERATIONS = {
    "a": lambda a, b: a,
    "a & b": lambda a, b: a & b,
    "a | b": lambda a, b: a | b,
    "~a": lambda a, b: ~a,
    "a << 1": lambda a, b: np.concatenate([[False], a[:-1]]),
    "a << 7": lambda a, b: np.concatenate([[False] * 7, a[:-7]]),
    "a >> 3": lambda a, b: np.concatenate([a[3:], [False] * 3]),
    "~(a & ~b) | (b & a)": lambda a, b: ~(a & ~b) | (b & a),
}


@pytest.mark.parametrize("lanes", [8, 16, 32, 64, 128])
def test_mask_operations(lanes: int):
    dtype = {8: "int32", 16: "int32", 32: "int16", 64: "int8", 128: "int8"}[lanes]
    t = c_type(dtype)
    rng = np.random.default_rng(lanes)
    v = rng.integers(-50, 50, lanes).astype(dtype)
    a, b = v < 3, v >= -10
    body = f"auto v = aie::load_v<{lanes}>(in);\n"
    body += f"aie::mask<{lanes}> a = aie::lt(v, ({t})3), b = aie::ge(v, ({t})-10), m;\n"
    body += f"auto one = aie::broadcast<{t}, {lanes}>(1), zero = aie::zeros<{t}, {lanes}>();\n"
    outputs = {"n": ("int32", 16)}
    words = ", ".join(["0x85u"] + ["0u"] * (lanes // 32 - 1))
    for i, text in enumerate(MASK_OPERATIONS):
        outputs[f"o{i}"] = (dtype, lanes)
        body += f"m = {text}; aie::store_v(o{i}, aie::select(zero, one, m));\n"
    outputs["o_edit"] = (dtype, lanes)
    body += f"""m = a; m.set(2); m.clear(5); m.set({lanes - 1});
    aie::store_v(o_edit, aie::select(zero, one, m));
    n[0] = a.count(); n[1] = b.count(); n[2] = (a & b).count(); n[3] = (~a).count();
    n[4] = a.full(); n[5] = a.empty(); n[6] = (a | ~a).full(); n[7] = (a & ~a).empty();
    n[8] = m.test(2); n[9] = m.test(5); n[10] = m.test({lanes - 1}); n[11] = a.size();
    n[12] = (a & b) == (b & a); n[13] = aie::mask<{lanes}>(true).count();
    n[14] = aie::mask<{lanes}>::from_uint32({words}).count(); n[15] = a == ~a;\n"""
    (got,) = call(body, [{"in": v}], outputs)
    for i, (text, f) in enumerate(MASK_OPERATIONS.items()):
        assert_same(got[f"o{i}"], f(a, b).astype(dtype), text)
    edited = a.copy()
    edited[[2, lanes - 1]], edited[5] = True, False
    assert_same(got["o_edit"], edited.astype(dtype))
    counts = [a.sum(), b.sum(), (a & b).sum(), lanes - a.sum(), a.all(), not a.any(), 1, 1, 1, 0, 1]
    assert got["n"].tolist() == [int(c) for c in counts] + [lanes, 1, lanes, 3, 0]


@pytest.mark.parametrize(
    "dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "bfloat16", "float32"]
)
def test_comparisons_and_select(dtype: str):
    make = edge_integers if "int" in dtype else edge_floats
    a, b = make(dtype, 64, 1), make(dtype, 64, 2)
    b[::5] = a[::5]
    x, y = (a, b) if "int" in dtype else (a.astype(np.float32), b.astype(np.float32))
    want = {"lt": x < y, "le": x <= y, "gt": x > y, "ge": x >= y, "eq": x == y, "neq": x != y}
    per = 512 // (a.dtype.itemsize * 8)
    body = f"for (int i = 0; i < 64; i += {per}) {{ auto x = aie::load_v<{per}>(a + i), y = aie::load_v<{per}>(b + i);\n"
    for name in want:
        body += f"aie::store_v({name} + i, aie::select(x, y, aie::{name}(x, y)));\n"
    body = body.replace("store_v(", "store_v(o_") + "}"
    (got,) = call(body, [{"a": a, "b": b}], {f"o_{n}": (dtype, 64) for n in want})
    if "int" not in dtype:  # a comparison with NaN is false, except the negation of equality
        nan = np.isnan(x) | np.isnan(y)
        for n in ("le", "ge"):
            assert not want[n][nan].any()
    for name, mask in want.items():
        assert_same(got[f"o_{name}"], np.where(mask, b, a), name)


def test_masks_as_numbers():
    v = edge_integers("int8", 64, 8)
    body = """auto m = aie::lt(aie::load_v<64>(in), (int8_t)0); unsigned long long w = m.to_uint64();
    out[0] = (int)w; out[1] = (int)(w >> 32);
    auto back = aie::mask<64>::from_uint64(w); out[2] = back == m;
    auto two = aie::mask<64>::from_uint32((unsigned)w, (unsigned)(w >> 32)); out[3] = two == m;"""
    (got,) = call(body, [{"in": v}], {"out": ("int32", 4)})
    words = model.mask_words(v < 0).astype(np.int32)
    assert got["out"].tolist() == [*words.tolist(), 1, 1]


# --- moving lanes ------------------------------------------------------------------------------
MOVED = ["int8", "int16", "bfloat16", "float32"]


def some(dtype: str, count: int, seed: int = 0) -> Array:
    if "int" in dtype:
        return edge_integers(dtype, count, seed)
    return edge_floats(dtype, count, seed, False)


@pytest.mark.parametrize("bits", [128, 256, 512, 1024])
@pytest.mark.parametrize("dtype", MOVED)
def test_shifts_of_lanes(dtype: str, bits: int):
    item = 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize
    lanes = bits // item // 8
    a, b = some(dtype, lanes, 1), some(dtype, lanes, 2)
    body = f"auto a = aie::load_v<{lanes}>(in), b = aie::load_v<{lanes}>(more);\n"
    outputs: dict[str, tuple[str, int]] = {}
    want: dict[str, Array] = {}

    def check(name: str, text: str, value: Array) -> None:
        nonlocal body
        outputs[name], want[name] = (dtype, lanes), value
        body += f"aie::store_v({name}, {text});\n"

    for n in (0, 1, 3, lanes // 2, lanes - 1):
        check(f"dr{n}", f"aie::shuffle_down_rotate(a, {n})", model.rotate_down(a, n))
        check(f"ur{n}", f"aie::shuffle_up_rotate(a, {n})", model.rotate_down(a, -n))
        check(f"df{n}", f"aie::shuffle_down_fill(a, b, {n})", model.down_fill(a, b, n))
        check(f"uf{n}", f"aie::shuffle_up_fill(a, b, {n})", model.up_fill(a, b, n))
        last, first = np.repeat(a[-1:], lanes), np.repeat(a[:1], lanes)
        check(f"dp{n}", f"aie::shuffle_down_replicate(a, {n})", model.down_fill(a, last, n))
        check(f"up{n}", f"aie::shuffle_up_replicate(a, {n})", model.up_fill(a, first, n))
    check("rev", "aie::reverse(a)", a[::-1].copy())
    (got,) = call(body, [{"in": a, "more": b}], outputs)
    for name, value in want.items():
        assert_same(got[name], value, name)


@pytest.mark.parametrize("bits", [256, 512, 1024])
@pytest.mark.parametrize("dtype", MOVED)
def test_interleaving_and_filtering(dtype: str, bits: int):
    item = 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize
    lanes = bits // item // 8
    a, b = some(dtype, lanes, 3), some(dtype, lanes, 4)
    body = f"auto a = aie::load_v<{lanes}>(in), b = aie::load_v<{lanes}>(more);\n"
    outputs: dict[str, tuple[str, int]] = {}
    want: dict[str, Array] = {}
    step = 1
    while step <= lanes:
        for verb, f in (("zip", model.zipped), ("unzip", model.unzipped)):
            one, two = f(a, b, step)
            for part, value in ((1, one), (2, two)):
                outputs[f"{verb}{step}_{part}"], want[f"{verb}{step}_{part}"] = (
                    (dtype, lanes),
                    value,
                )
            body += f"{{ auto [x, y] = aie::interleave_{verb}(a, b, {step}); "
            body += f"aie::store_v({verb}{step}_1, x); aie::store_v({verb}{step}_2, y); }}\n"
        if step < lanes:
            blocks = a.reshape(-1, 2, step)
            for verb, index in (("even", 0), ("odd", 1)):
                outputs[f"{verb}{step}"] = (dtype, lanes // 2)
                want[f"{verb}{step}"] = blocks[:, index].ravel()
                body += f"aie::store_v({verb}{step}, aie::filter_{verb}(a, {step}));\n"
        step *= 2
    (got,) = call(body, [{"in": a, "more": b}], outputs)
    for name, value in want.items():
        assert_same(got[name], value, name)


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "bfloat16", "float32", "uint16"])
def test_transposes(dtype: str):
    item = 2 if dtype == "bfloat16" else np.dtype(dtype).itemsize
    body, outputs, want = "", {}, {}
    v = some(dtype, 1024 // 8 // item, 7)
    for bits in (256, 512, 1024):
        lanes = bits // 8 // item
        rows = 2
        while rows <= lanes // 2:
            name = f"t{lanes}_{rows}"
            outputs[name] = (dtype, lanes)
            want[name] = model.transposed(v[:lanes], rows, lanes // rows)
            body += f"aie::store_v({name}, aie::transpose(aie::load_v<{lanes}>(in), {rows}, {lanes // rows}));\n"
            rows *= 2
    (got,) = call(body, [{"in": v}], outputs)
    for name, value in want.items():
        assert_same(got[name], value, name)


# --- vectors and accumulators of every size, larger than a register too ---------------------------
@pytest.mark.parametrize("bits", [128, 256, 512, 1024, 2048])
@pytest.mark.parametrize("dtype", ["int8", "int16", "float32"])
def test_parts_of_vectors(dtype: str, bits: int):
    lanes = bits // 8 // np.dtype(dtype).itemsize
    t = c_type(dtype)
    a, b = some(dtype, lanes, 5), some(dtype, lanes, 6)
    outputs = {"pushed": (dtype, lanes), "joined": (dtype, 2 * lanes), "most": (dtype, lanes)}
    body = f"""auto a = aie::load_v<{lanes}>(in), b = aie::load_v<{lanes}>(more);
    aie::store_v(joined, aie::concat(a, b));
    aie::store_v(most, aie::select(a, b, aie::lt(a, b)));
    {{ auto p = a; p.push(b[0]); p.push(b[1]); p.push(({t})3); aie::store_v(pushed, p); }}\n"""
    want = {
        "joined": np.concatenate([a, b]),
        "most": np.where(a < b, b, a),
        "pushed": np.concatenate([[np.array(3, dtype), b[1], b[0]], a[:-3]]).astype(dtype),
    }
    parts = 2
    while bits // parts >= 128:
        each = lanes // parts
        for i in {0, 1, parts - 1}:
            outputs[f"x{parts}_{i}"], want[f"x{parts}_{i}"] = (dtype, each), a[i * each :][:each]
            body += f"aie::store_v(x{parts}_{i}, a.extract<{each}>({i}));\n"
            changed = a.copy()
            changed[i * each : (i + 1) * each] = b[:each]
            outputs[f"s{parts}_{i}"], want[f"s{parts}_{i}"] = (dtype, lanes), changed
            body += f"{{ auto c = a; c.insert({i}, b.extract<{each}>(0)); "
            body += f"aie::store_v(s{parts}_{i}, c); }}\n"
        parts *= 2
    (got,) = call(body, [{"in": a, "more": b}], outputs)
    for name, value in want.items():
        assert_same(got[name], value, name)


ELEMENTWISE = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "max": lambda a, b: np.maximum(a, b),
    "min": lambda a, b: np.minimum(a, b),
    "maxdiff": lambda a, b: np.maximum(a - b, 0),
    "saturating_add": lambda a, b: a + b,
    "saturating_sub": lambda a, b: a - b,
    "bit_and": lambda a, b: a & b,
    "bit_or": lambda a, b: a | b,
    "bit_xor": lambda a, b: a ^ b,
}


@pytest.mark.parametrize("saturation", ["none", "saturate"])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32"])
def test_elementwise_functions(dtype: str, saturation: str):
    """Against exact integers, wrapped or limited to the element; vectors with vectors and scalars."""
    lanes = 512 // (np.dtype(dtype).itemsize * 8)
    a, b = edge_integers(dtype, 2 * lanes, 1), edge_integers(dtype, 2 * lanes, 2)
    x, y = model.wide(a), model.wide(b)
    bits, signed = model.width(dtype)
    body = f"aie::set_saturation(aie::saturation_mode::{saturation});\n"
    body += f"auto a = aie::load_v<{2 * lanes}>(in), b = aie::load_v<{2 * lanes}>(more);\n"
    outputs, want = {}, {}
    for name, f in ELEMENTWISE.items():
        sat = saturation if name.startswith("saturating") else "none"
        for kind, right, text in (("v", y, "b"), ("s", y[3], "b[3]"), ("r", y[3], "b.get(3)")):
            left, order = (x, f"a, {text}") if kind != "r" else (x, f"{text}, a")
            exact = f(left, right) if kind != "r" else f(np.full(len(x), right, object), x)
            outputs[f"{name}_{kind}"] = (dtype, 2 * lanes)
            lane = [model.limited(int(e), bits, signed, sat) for e in exact]
            want[f"{name}_{kind}"] = np.array(lane, dtype)
            body += f"aie::store_v({name}_{kind}, aie::{name}({order}));\n"
    (got,) = call(body, [{"in": a, "more": b}], outputs)
    for name, value in want.items():
        assert_same(got[name], value, name)


PRODUCTS = [
    ("int8", "int8", 32), ("uint8", "int8", 32), ("int8", "uint8", 32), ("uint8", "uint8", 32),
    ("int16", "int16", 32), ("uint16", "int16", 32), ("int16", "int8", 32), ("int8", "int16", 64),
    ("int16", "int16", 64), ("int32", "int32", 64), ("int32", "int16", 64), ("int16", "int32", 64),
    ("uint32", "int16", 64), ("int32", "uint32", 64),
]  # fmt: skip


@pytest.mark.parametrize(
    ("a_type", "b_type", "bits", "lanes"),
    [(*p, (16, 64, 32)[i % 3]) for i, p in enumerate(PRODUCTS)],
)
def test_multiply_accumulate(a_type: str, b_type: str, bits: int, lanes: int):
    """mul, negmul, mac, msc and the sums of accumulators, kept in 32 or 64 bits."""
    if a_type == b_type == "int8" and lanes == 16:
        lanes = 128
    a, b = edge_integers(a_type, lanes, 3), edge_integers(b_type, lanes, 4)
    x, y = model.wide(a), model.wide(b)
    tag = f"acc{bits}"
    body = f"""auto x = aie::load_v<{lanes}>(a); auto y = aie::load_v<{lanes}>(b);
    aie::accum<{tag}, {lanes}> p = aie::mul<{tag}>(x, y), n = aie::negmul<{tag}>(x, y);
    auto m = aie::mac(p, x, y), s = aie::msc(n, x, y);
    aie::store_v(op, p.to_vector<int32>()); aie::store_v(on, n.to_vector<int32>(3));
    aie::store_v(om, m.to_vector<int32>(1)); aie::store_v(os, s.to_vector<int32>(2));
    aie::store_v(oa, aie::add(m, p).to_vector<int32>(1));
    aie::store_v(ob, aie::sub(s, p).to_vector<int32>(2));
    aie::store_v(oc, aie::neg(m).to_vector<int32>(4));\n"""
    p = x * y
    exact = {
        "op": (p, 0), "on": (-p, 3), "om": (2 * p, 1), "os": (-2 * p, 2), "oa": (3 * p, 1),
        "ob": (-3 * p, 2), "oc": (-2 * p, 4),
    }  # fmt: skip
    (got,) = call(body, [{"a": a, "b": b}], dict.fromkeys(exact, ("int32", lanes)))
    for name, (value, shift) in exact.items():
        total = model.acc(value, bits)
        assert_same(got[name], model.srs(total, "int32", shift, "positive_inf"), name)


@pytest.mark.parametrize("lanes", [32, 64, 128])
@pytest.mark.parametrize("stored", [False, True], ids=["loaded", "stored"])
def test_parts_of_what_was_loaded_or_stored(lanes: int, stored: bool):
    """Aligned and unaligned loads inside an earlier one, or inside a vector just stored."""
    v = edge_integers("int8", 128, 1)
    body = f"auto all = aie::load_v<{lanes}>(in);\nint8_t *from = in;\n"
    if stored:
        body += f"alignas(32) int8_t kept[{lanes}]; from = kept;\n"
        body += "all = aie::add(all, (int8_t)1); aie::store_v(kept, all);\n"
        v = v + np.int8(1)
    body += "aie::store_v(whole, all);\nint sum = 0;\n"
    outputs = {"whole": ("int8", lanes)}
    want = {"whole": v[:lanes]}
    total = 0
    for part in (16, 32):
        for at in (0, 1, 4, 8, 16, 33, 64):
            if at + part > lanes:
                continue
            verb = "load_v" if at % part == 0 else "load_unaligned_v"
            outputs[f"o{part}_{at}"], want[f"o{part}_{at}"] = ("int8", part), v[at : at + part]
            body += f"aie::store_v(o{part}_{at}, aie::{verb}<{part}>(from + {at}));\n"
            body += f"sum += from[{at}] * *(int16_t *)(from + {2 * (at // 2)});\n"
            total += int(v[at]) * int(v[2 * (at // 2) :][:2].view(np.int16)[0])
    outputs["total"], want["total"] = ("int32", 1), model.to_dtype([total], "int32")
    (got,) = call(body + "*total = sum;\n", [{"in": edge_integers("int8", 128, 1)}], outputs)
    for name, value in want.items():
        assert_same(got[name], value, name)
