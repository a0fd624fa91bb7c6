"""What the simulated tile does with one kernel: results, and the traps of the machine."""

from __future__ import annotations

from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from kernelgepa.errors import InfrastructureError
from kernelgepa.npu.frontend import compile_kernel
from kernelgepa.npu.pipeline import execute_here
from kernelgepa.protocols import Case, Execution
from kernelgepa.task import Interface, Parameter
from kernelgepa.verdict import Stage

HEADER = '#include <aie_api/aie.hpp>\n#include "aie_kernel_utils.h"\n'
BF16 = np.dtype(ml_dtypes.bfloat16)


def call(
    body: str,
    data: np.ndarray,
    out_items: int,
    out: str = "int32",
    scalars: dict[str, tuple[str, float]] | None = None,
    before: str = "",
) -> Execution:
    """Runs `void k(T *in, U *out, scalars...) { body }` on one input."""
    names = {"int8": "int8_t", "int32": "int32_t", "bfloat16": "bfloat16", "float32": "float",
             "int16": "int16_t", "uint8": "uint8_t"}  # fmt: skip
    kind = str(data.dtype)
    scalars = scalars or {}
    extra = "".join(f", {names[t]} {n}" for n, (t, _) in scalars.items())
    source = (
        f"{HEADER}{before}\nvoid k({names[kind]} *in, {names[out]} *out{extra}) {{\n{body}\n}}\n"
    )
    parameters = (
        Parameter("in", "in", kind),
        Parameter("out", "out", out),
        *(Parameter(n, "scalar", t) for n, (t, _) in scalars.items()),
    )
    width = {"int8": 1, "uint8": 1, "int16": 2, "bfloat16": 2}.get(out, 4)
    case = Case(
        "one",
        {"in": data.tobytes()},
        {"out": out_items * width},
        {n: v for n, (_, v) in scalars.items()},
    )
    return execute_here(source, Interface("k", parameters), [case])


def trap(execution: Execution) -> str:
    assert execution.stage is Stage.RUN, execution
    return execution.cases[0].diagnostics[0].code


INTS = np.arange(64, dtype=np.int32)


def test_a_scalar_kernel_with_runtime_parameters_computes():
    done = call(
        "for (int i = 0; i < 64; i++) out[i] = in[i] * scale + off;",
        INTS,
        64,
        scalars={"scale": ("int8", -3), "off": ("int32", 7)},
    )
    got = np.frombuffer(done.cases[0].outputs["out"], np.int32)
    assert np.array_equal(got, INTS * -3 + 7)


def test_scalar_bfloat16_arithmetic_rounds_halves_up_as_the_wrapper_asks():
    values = (np.random.default_rng(1).normal(size=256) * 8).astype(BF16)
    done = call("for (int i = 0; i < 256; i++) out[i] = in[i] * in[i];", values, 256, "bfloat16")
    got = np.frombuffer(done.cases[0].outputs["out"], BF16).astype(np.float32)
    bits = (values.astype(np.float32) ** 2).view(np.uint32)
    expected = (((bits + 0x8000) >> 16) << 16).astype(np.uint32).view(np.float32)
    assert np.array_equal(got, expected)


def test_bfloat16_comparison_conversion_and_negation():
    values = np.array([-2.5, -0.0, 0.0, 1.5, 300.0, np.inf, -np.inf, np.nan], dtype=BF16)
    done = call(
        "for (int i = 0; i < 8; i++) out[i] = in[i] > (bfloat16)0.0f ? (int)1 : (in[i] < "
        "(bfloat16)0.0f ? -1 : 0);",
        values,
        8,
    )
    got = np.frombuffer(done.cases[0].outputs["out"], np.int32)
    assert got.tolist() == [-1, 0, 0, 1, 1, 1, -1, 0]


def test_names_and_texts_that_hold_the_name_of_a_type():
    before = """
static const char *said = "a bfloat b 0xR3F80 c";
struct bfloat_pair { bfloat16 a; float b; };
static volatile bfloat_pair of_bfloat[2] = {{(bfloat16)1.0f, 2.0f}, {(bfloat16)3.0f, 4.0f}};
template <class T> __attribute__((noinline)) static T bfloat_sum(T bfloat) {
  static volatile T bfloat_kept[2] = {1, 2};
  return bfloat + bfloat_kept[1];
}
"""
    body = """static const bfloat16 table_bfloat[8] = {0, 1, 2, 3, 4, 5, 6, 7};
for (int i = 0; i < 8; i++) {
  int bfloat = (int)(float)in[i];
  out[i] = bfloat_sum<bfloat16>(table_bfloat[7 - bfloat]) + said[bfloat] + of_bfloat[i & 1].b;
}"""
    done = call(body, np.arange(8).astype(BF16), 8, "int32", before=before)
    got = np.frombuffer(done.cases[0].outputs["out"], np.int32).tolist()
    assert got == [9 - i + ord("a bfloat b"[i]) + 2 + 2 * (i % 2) for i in range(8)]


def test_scalar_maths_functions_are_linked():
    values = np.linspace(-4, 4, 64, dtype=np.float32)
    done = call(
        "for (int i = 0; i < 64; i++) out[i] = expf(in[i]) + tanhf(in[i]) + sqrtf(fabsf(in[i]));",
        values,
        64,
        "float32",
    )
    got = np.frombuffer(done.cases[0].outputs["out"], np.float32)
    wide = values.astype(np.float64)
    assert np.allclose(got, np.exp(wide) + np.tanh(wide) + np.sqrt(abs(wide)), rtol=1e-6)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("for (int i = 0; i < 64; i++) out[i] = in[i]; out[64] = 1;", "out-of-bounds"),
        ("for (int i = 0; i < 64; i++) out[i] = in[i]; out[-1] = 1;", "out-of-bounds"),
        ("for (int i = 0; i < 64; i++) out[i] = in[i]; *(volatile int *)64000000 = 1;",
         "out-of-bounds"),
        ("for (int i = 0; i < 63; i++) out[i] = in[i];", "poison"),
        ("for (int i = 0; i < 64; i++) out[i] += in[i];", "poison"),
        ("for (int i = 0; i < 64; i++) out[i] = in[i + 1];", "poison"),
        ("volatile int go = 1; while (go) {} for (int i = 0; i < 64; i++) out[i] = in[i];",
         "fuel"),
        ("for (int i = 0; i < 64; i++) out[i] = in[i] / in[0];", "division"),
        ("for (int i = 0; i < 64; i++) out[i] = in[i]; in[5] = 9;", "input-changed"),
        ("for (int i = 0; i < 64; i++) out[i] = in[i] + ((int)out >> 6);", "poison"),
        ("static int n; n++; for (int i = 0; i < 64; i++) out[i] = in[i] + n;", "state"),
        ("int n; for (int i = 0; i < 64; i++) n += in[i]; for (int i = 0; i < 64; i++) out[i] = n;",
         "poison"),
        ("aie::vector<int32_t, 16> top; for (int i = 0; i < 64; i += 16) {"
         " top = aie::max(top, aie::load_v<16>(in + i)); aie::store_v(out + i, top); }", "poison"),
        ("aie::accum<acc64, 16> sum; for (int i = 0; i < in[16]; i++) "
         "sum = aie::mac(sum, aie::load_v<16>(in), 2); for (int i = 0; i < 64; i += 16) "
         "aie::store_v(out + i, sum.to_vector<int32_t>(0));", "poison"),
        ("auto v = aie::load_v<8>(in + 1); aie::store_v(out, v);", "misaligned"),
        ("auto v = aie::load_v<8>(in); aie::store_v(out + 4, v);", "misaligned"),
    ],
)  # fmt: skip
def test_traps_of_the_machine_are_verdicts(body: str, code: str):
    assert trap(call(body, INTS, 64)) == code


def test_what_is_set_piece_by_piece_is_set():
    body = """aie::vector<int32_t, 16> v, w;
  aie::accum<acc64, 16> s;
  aie::mmul<4, 2, 4, int32_t, int16_t> m;
  for (unsigned i = 0; i < 16; i++) v[i] = in[i];
  w.insert(0, v.extract<8>(0)); w.insert(1, v.extract<8>(1));
  int n;
  for (int i = 0; i < 4; i++) {
    s = i == 0 ? aie::mul(w, 2) : aie::mac(s, w, 2);
    n = i == 0 ? in[i] : n + in[i];
    m.mac(v.extract<8>(0), aie::load_v<8>((int16_t *)in));
  }
  aie::store_v(out, s.to_vector<int32_t>(0));
  aie::store_v(out + 16, m.to_vector<int32_t>(0));
  aie::store_v(out + 32, aie::broadcast<int32_t, 16>(n)); aie::store_v(out + 48, w);"""
    done = call(body, INTS, 64)
    assert done.cases[0].diagnostics == ()
    got = np.frombuffer(done.cases[0].outputs["out"], np.int32).reshape(4, 16)
    assert np.array_equal(got[0], INTS[:16] * 8)
    assert set(got[2]) == {6}
    assert np.array_equal(got[3], INTS[:16])


def test_a_trap_names_the_line_of_the_kernel():
    done = call(
        "int n = 64;\nfor (int i = 0; i < n; i++)\n  out[i] = in[i];\nout[70] = 3;", INTS, 64
    )
    assert done.cases[0].diagnostics[0].line == HEADER.count("\n") + 6


def test_overlapping_restrict_pointers_are_caught():
    shift = """
static inline void shift(int *__restrict a, int *__restrict b) {
  for (int i = 0; i < 32; i++) a[i] = b[i] + 1;
}"""
    overlapping = "for (int i = 0; i < 64; i++) out[i] = in[i]; shift(out + 1, out);"
    assert trap(call(overlapping, INTS, 64, before=shift)) == "restrict"
    apart = "for (int i = 0; i < 64; i++) out[i] = in[i]; shift(out + 32, out);"
    assert call(apart, INTS, 64, before=shift).stage is Stage.COMPARE


@pytest.mark.parametrize(
    ("before", "body", "word"),
    [
        ("", "volatile int big[400]; for (int i = 0; i < 64; i++) { big[i * 6] = in[i]; "
         "out[i] = big[i * 6]; }", "stack"),
        ("__attribute__((noinline)) int f(int n) { volatile int a = n; return a < 2 ? a : "
         "f(n - 1) * f(n - 2) + a; }", "for (int i = 0; i < 64; i++) out[i] = f(3);", "recursion"),
        ("int made(); int table = made(); int made() { volatile int x = 3; return x; }",
         "for (int i = 0; i < 64; i++) out[i] = table;", "before the kernel"),
        ("", "long double x = in[0]; for (int i = 0; i < 64; i++) out[i] = (int)(x * x);",
         "long double"),
        ("", "__atomic_fetch_add(out, 1, 0); for (int i = 0; i < 64; i++) out[i] = 1;", "atomic"),
        ("extern int elsewhere(int);", "for (int i = 0; i < 64; i++) out[i] = elsewhere(i);",
         "elsewhere"),
    ],
)  # fmt: skip
def test_what_cannot_be_placed_on_the_core_says_so(before: str, body: str, word: str):
    done = call(body, INTS, 64, before=before)
    assert done.stage is Stage.BUILD
    assert word in done.diagnostics[0].message


def test_the_tile_starts_fresh_for_every_case_and_what_a_call_leaves_is_found():
    source = (
        HEADER + "static int calls = 0;\n"
        "void k(int32_t *in, int32_t *out) { calls++; for (int i = 0; i < 8; i++) "
        "out[i] = in[i] + calls; }\n"
    )
    interface = Interface("k", (Parameter("in", "in", "int32"), Parameter("out", "out", "int32")))
    cases = [Case(n, {"in": INTS[:8].tobytes()}, {"out": 32}, {}) for n in ("a", "b", "c")]
    done = execute_here(source, interface, cases)
    results = [np.frombuffer(c.outputs["out"], np.int32).tolist() for c in done.cases]
    assert results == [(INTS[:8] + 1).tolist()] * 3
    assert [d.code for c in done.cases for d in c.diagnostics] == ["state"] * 3


def test_buffers_beyond_data_memory_are_refused():
    done = call("for (int i = 0; i < 20000; i++) out[i] = in[0];", INTS, 20000)
    assert done.cases[0].diagnostics[0].code == "data-memory"


def test_a_kernel_called_with_other_types_is_told_how_it_is_called():
    interface = Interface("k", (Parameter("in", "in", "int8"), Parameter("out", "out", "int8")))
    done = execute_here(HEADER + "void k(float *in, int8_t *out) {}\n", interface, [])
    assert done.stage is Stage.COMPILE
    assert any("k(int8_t*, int8_t*)" in d.message for d in done.diagnostics)


def test_a_cache_that_was_emptied_is_no_fault_of_the_kernel(tmp_path: Path):
    interface = Interface("k", (Parameter("in", "in", "int8"), Parameter("out", "out", "int8")))
    with pytest.raises(InfrastructureError, match=r"none\.pch is gone from the cache"):
        compile_kernel(
            HEADER + "void k(int8_t *in, int8_t *out) {}\n", interface, tmp_path,
            tmp_path / "none.pch",
        )  # fmt: skip
