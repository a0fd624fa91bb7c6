# ruff: noqa: E501 (kernel text)
"""Accumulators to vectors and back, in every rounding and saturation mode."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from . import model
from .machine import Array, assert_same, call, edge_floats, edge_integers

SATURATIONS = {"none": "none", "saturate": "saturate", "symmetric": "symmetric"}
TYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32")
SHIFTS32 = (0, 1, 4, 7, 15, 31)
SHIFTS64 = (0, 1, 5, 16, 31, 44)
ROUNDING_VALUES = dict(zip(model.ROUNDING, (0, 1, 2, 3, 8, 9, 10, 11, 12, 13), strict=True))


def ties(bits: int, shifts: tuple[int, ...]) -> Array:
    """Random lanes, then exact halves and their neighbours for every shift, then extremes."""
    rng = np.random.default_rng(bits)
    lanes: list[int] = [int(v) for v in rng.integers(-(2**20), 2**20, 8)]
    for shift in shifts[1:]:
        half = 1 << (shift - 1)
        lanes += [k * 2 * half + half + d for k in (-3, -2, 0, 1) for d in (-1, 0, 1)]
        lanes += [(k << shift) + half for k in (127, 128, -128, -129, 255, 32767, -32769)]
    top = 2 ** (bits - 1) - 1
    lanes += [top, -top - 1, -top, 0, 1, -1, 127, 128, 255, 256, -128, -129, 32767, 65535, -32769]
    lanes += [int(v) for v in rng.integers(-top, top, 64)]
    fit = [v for v in lanes if -top - 1 <= v <= top][:192]
    fit += [0] * (192 - len(fit))
    return np.array(fit, np.int64 if bits == 64 else np.int32)


def srs_body(tag: str, lanes: int) -> str:
    stores = "".join(
        f"aie::store_v(o{s}_{t} + i, a.to_vector<{t}_t>(shift));\n" for s in ["X"] for t in TYPES
    )
    native = f"v{lanes}{tag}"
    body = "aie::set_rounding((aie::rounding_mode)rnd);\n"
    for number, mode in enumerate(SATURATIONS):
        body += f"aie::set_saturation(aie::saturation_mode::{mode});\n"
        body += f"for (int i = 0; i < 192; i += {lanes}) {{\n"
        body += f"aie::accum<{tag}, {lanes}> a(*({native} *)((char *)in + i * {64 if tag == 'acc64' else 32} / 8));\n"
        body += stores.replace("oX", f"o{number}") + "}\n"
    return body


@cache
def srs_results(tag: str) -> list[dict[str, Array]]:
    bits = 64 if tag == "acc64" else 32
    shifts = SHIFTS64 if bits == 64 else SHIFTS32
    raw = ties(bits, shifts).view(np.int32)
    outputs = {f"o{s}_{t}": (t, 192) for s in range(3) for t in TYPES}
    runs = [(rnd, shift) for rnd in ROUNDING_VALUES.values() for shift in shifts]
    return call(
        srs_body(tag, 16 if bits == 64 else 32),
        [{"in": raw}] * len(runs),
        outputs,
        [{"rnd": rnd, "shift": shift} for rnd, shift in runs],
    )


@pytest.mark.parametrize("saturation", range(3), ids=model.SATURATION)
@pytest.mark.parametrize("rounding", model.ROUNDING)
@pytest.mark.parametrize("tag", ["acc32", "acc64"])
def test_shift_round_saturate(tag: str, rounding: str, saturation: int):
    bits, shifts = (64, SHIFTS64) if tag == "acc64" else (32, SHIFTS32)
    lanes = ties(bits, shifts)
    first = model.ROUNDING.index(rounding) * len(shifts)
    for shift, got in zip(shifts, srs_results(tag)[first : first + len(shifts)], strict=True):
        for t in TYPES:
            want = model.srs(lanes, t, shift, rounding, model.SATURATION[saturation])
            assert_same(got[f"o{saturation}_{t}"], want, f"{t} shift {shift}")


def test_modes_set_in_the_source_apply_from_there_on():
    """The same accumulator, converted under two modes, is not the same value."""
    lanes = ties(32, SHIFTS32)[:32]
    body = "auto a = aie::accum<acc32, 32>(aie::load_v<32>(in));\n"
    for mode in model.ROUNDING:
        body += f"aie::set_rounding(aie::rounding_mode::{mode});\n"
        body += f"aie::store_v(o_{mode}, a.to_vector<int16_t>(4));\n"
    (got,) = call(body, [{"in": lanes}], {f"o_{m}": ("int16", 32) for m in model.ROUNDING})
    for mode in model.ROUNDING:
        assert_same(got[f"o_{mode}"], model.srs(lanes, "int16", 4, mode), mode)


def test_the_rounding_mode_at_entry_is_the_interfaces_and_saturation_is_off():
    lanes = ties(32, SHIFTS32)[:32]
    (got,) = call(
        "aie::accum<acc32, 32> a(aie::load_v<32>(in));\naie::store_v(out, a.to_vector<int8_t>(4));",
        [{"in": lanes}],
        {"out": ("int8", 32)},
    )
    assert_same(got["out"], model.srs(lanes, "int8", 4, "positive_inf", "none"))


UPS = [("acc32", t) for t in TYPES] + [("acc64", t) for t in TYPES if "8" not in t]


@pytest.mark.parametrize(("tag", "dtype"), UPS)
def test_vector_to_accumulator(tag: str, dtype: str):
    bits = int(tag[3:])
    word = bits // 32
    values = edge_integers(dtype, 64, seed=bits)
    if (bits, dtype) in {(32, "uint32")}:
        values &= 0x7FFFFFFF
    # the top of 64 bits is reached too
    shifts = (0, 1, 8, 15, 31) if bits == 32 else (0, 3, 16, 31, 40)
    native = "*(v32acc32 *)(out + " if bits == 32 else "*(v16acc64 *)(out + "
    per = 32 if bits == 32 else 16
    body = "if (sat == 0) aie::set_saturation(aie::saturation_mode::none);\n"
    body += "if (sat == 1) aie::set_saturation(aie::saturation_mode::saturate);\n"
    body += "if (sat == 3) aie::set_saturation(aie::saturation_mode::symmetric);\n"
    body += f"for (int i = 0; i < 64; i += {per}) {{\naie::accum<{tag}, {per}> a;\n"
    body += f"a.from_vector(aie::load_v<{per}>(in + i), shift);\n"
    body += f"{native}i * {word}) = a;\n}}"
    runs = [(shift, sat) for shift in shifts for sat in (0, 1, 3)]
    got = call(
        body, [{"in": values}] * len(runs), {"out": ("int32", 64 * word)},
        [{"shift": a, "sat": b} for a, b in runs],
    )  # fmt: skip
    for (shift, sat), lanes in zip(runs, got, strict=True):
        want = model.ups(values, bits, shift, {0: "none", 1: "saturate", 3: "symmetric"}[sat])
        want = want.astype(np.int32) if bits == 32 else want.view(np.int32)
        assert_same(lanes["out"], want, f"shift {shift}, saturation {sat}")


def bf16_lanes() -> Array:
    """Every kind of float32: halves and their neighbours, overflow, subnormals, infinities, NaN."""
    kept = [0x3F80, 0x3F81, 0xBF80, 0xBF81, 0x0080, 0x8080, 0x7F7F, 0xFF7F, 0x4049, 0xC049]
    rest = [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF]
    bits = [k << 16 | r for k in kept for r in rest]
    bits += [0, 0x80000000, 1, 0x80000001, 0x007FFFFF, 0x807FFFFF, 0x7F800000, 0xFF800000]
    bits += [0x7FC00000, 0x7F800001, 0xFFFFFFFF]
    bits += [int(b) for b in edge_floats("float32", 192 - len(bits), 3, False).view(np.uint32)]
    return np.array(bits, np.uint32).view(np.float32)


@cache
def bf16_results() -> list[dict[str, Array]]:
    body = "aie::set_rounding((aie::rounding_mode)rnd);\n"
    body += "for (int i = 0; i < 192; i += 16) {\naie::accum<accfloat, 16> a(aie::load_v<16>(in + i));\n"
    body += "aie::store_v(one + i, a.to_vector<bfloat16>());\n}\n"
    body += "for (int i = 0; i < 192; i += 32) {\naie::accum<accfloat, 32> a(aie::load_v<32>(in + i));\n"
    body += "aie::store_v(two + i, a.to_vector<bfloat16>());\n"
    body += "*(v16bfloat16 *)(low + i / 2) = to_v16bfloat16(a.extract<16>(0)); }"
    return call(
        body,
        [{"in": bf16_lanes()}] * 10,
        {"one": ("bfloat16", 192), "two": ("bfloat16", 192), "low": ("bfloat16", 96)},
        [{"rnd": v} for v in ROUNDING_VALUES.values()],
    )


@pytest.mark.parametrize("rounding", model.ROUNDING)
def test_accfloat_to_bfloat16(rounding: str):
    want = model.to_bf16(bf16_lanes(), rounding)
    got = bf16_results()[model.ROUNDING.index(rounding)]
    assert_same(got["one"], want, rounding)
    assert_same(got["two"], want, rounding)
    assert_same(got["low"], want.reshape(-1, 32)[:, :16].ravel(), rounding)


def test_bfloat16_to_accfloat_is_exact_and_flushes_subnormals():
    values = edge_floats("bfloat16", 64, 5)
    (got,) = call(
        "for (int i = 0; i < 64; i += 32) { aie::accum<accfloat, 32> a; "
        "a.from_vector(aie::load_v<32>(in + i)); aie::store_v(out + i, a.to_vector<float>()); }",
        [{"in": values}],
        {"out": ("float32", 64)},
    )
    assert_same(got["out"], model.f32(values))


@pytest.mark.parametrize("rounding", ["floor", "positive_inf", "conv_even"])
def test_downshift_rounds_down_in_every_mode(rounding: str):
    body = f"aie::set_rounding(aie::rounding_mode::{rounding});\n"
    outputs, inputs = {}, {}
    for t in TYPES:
        lanes = 512 // (int(t.strip("uint")))
        inputs[f"i_{t}"] = edge_integers(t, lanes, 9)
        outputs[f"o_{t}"] = (t, lanes)
        body += f"aie::store_v(o_{t}, aie::downshift(aie::load_v<{lanes}>(i_{t}), shift));\n"
    shifts = (0, 1, 3, 7)
    got = call(body, [inputs] * len(shifts), outputs, [{"shift": s} for s in shifts])
    for shift, found in zip(shifts, got, strict=True):
        for t in TYPES:
            want = model.srs(inputs[f"i_{t}"], t, shift, "floor")
            assert_same(found[f"o_{t}"], want, f"{t} >> {shift}")


def test_fixed_point_conversions():
    """bfloat16 to signed 16 and 32 bits rounds down; all others to nearest even."""
    rng = np.random.default_rng(2)
    floats = np.concatenate(
        [rng.normal(size=16) * 100, [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49, -0.51],
         [3e9, -3e9, 127.5, 128.5, -128.5, 32767.5, 40000, -40000]]
    ).astype(np.float32)  # fmt: skip
    halves = floats.astype(model.BF16)
    body, outputs = "", {}
    for source, name in (("f", "float32"), ("h", "bfloat16")):
        for t in ("int8", "int16", "int32"):
            for shift in (0, 2):
                out = f"{source}_{t}_{shift}"
                if name == "bfloat16" and t == "int16":
                    continue  # compared apart: its overflow is that of the low half
                outputs[out] = (t, 32)
                body += f"aie::store_v({out}, aie::to_fixed<{t}_t>(aie::load_v<32>({source}), {shift}));\n"
    outputs["low"] = ("int16", 32)
    body += "aie::store_v(low, aie::to_fixed<int16_t>(aie::load_v<32>(h), 1));\n"
    (got,) = call(body, [{"f": floats, "h": halves}], outputs)
    for name, lanes in got.items():
        if name == "low":
            assert_same(lanes, model.to_fixed(halves, "int16", 1), name)
            continue
        source, t, shift = name.split("_")
        values = floats if source == "f" else halves
        assert_same(lanes, model.to_fixed(values, t, int(shift)), name)


def test_integers_to_floating_point():
    body, inputs, outputs = "", {}, {}
    for t in ("int8", "uint8", "int16", "uint16", "int32"):
        inputs[t] = edge_integers(t, 32, 4)
        outputs[f"f_{t}"], outputs[f"h_{t}"] = ("float32", 32), ("bfloat16", 32)
        body += f"aie::store_v(f_{t}, aie::to_float<float>(aie::load_v<32>({t}), 3));\n"
        body += f"aie::store_v(h_{t}, aie::to_float<bfloat16>(aie::load_v<32>({t})));\n"
    names = {t: f"x_{t}" for t in inputs}
    for t, name in names.items():
        body = body.replace(f"({t}))", f"({name}))").replace(f"({t}),", f"({name}),")
    (got,) = call(body, [{names[t]: v for t, v in inputs.items()}], outputs)
    for t, v in inputs.items():
        assert_same(got[f"f_{t}"], model.to_float(v, 3), t)
        assert_same(got[f"h_{t}"], model.to_bf16(model.to_float(v), "positive_inf"), t)
