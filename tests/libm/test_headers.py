"""Scalar maths and block operations as kernels write them: headers, names, checked stores."""

from __future__ import annotations

import numpy as np
import pytest

from kernelgepa.npu.pipeline import execute_here
from kernelgepa.protocols import Case, Execution
from kernelgepa.task import Interface, Parameter
from kernelgepa.verdict import Stage

BUFFERS = Interface("k", (Parameter("in", "in", "int32"), Parameter("out", "out", "int32")))


def execute(
    body: str, data: bytes, out_bytes: int, before: str = "#include <stdint.h>\n"
) -> Execution:
    """Runs `void k(int32_t *in, int32_t *out) { body }` on raw bytes."""
    source = f"{before}\nvoid k(int32_t *in, int32_t *out) {{\n{body}\n}}\n"
    return execute_here(source, BUFFERS, [Case("one", {"in": data}, {"out": out_bytes}, {})])


def output(execution: Execution) -> bytes:
    assert execution.stage is Stage.COMPARE, execution
    return execution.cases[0].outputs["out"]


EXPRESSIONS = """
std::exp(x) | std::exp(x)
expf(x) | std::expf(x)
std::sqrt(x) | sqrtf(x)
std::tanh(x) | tanhf(x)
powf(x, 2.5f) | std::pow(x, 2.5f)
std::pow(x, 2) | (float)std::pow((double)x, 2.0)
std::max(x, 1.0f) + std::min(x, 2.0f) | fmaxf(x, 1.0f) + fminf(x, 2.0f)
std::abs(-x) + std::fabs(-x) | x + x
std::abs((int)-x) | (float)(int)x
abs(x - 1.25f) | fabsf(x - 1.25f)
std::clamp(x, 1.0f, 2.0f) | fminf(fmaxf(x, 1.0f), 2.0f)
std::round(x) + roundf(x) | floorf(x + 0.5f) * 2
std::isnan(x) || isnan(NAN - x) | 1.0f
isinf(x * INFINITY) && !std::isfinite(x / 0.0f) | 1.0f
(float)M_PI + (float)M_E | 5.8598747f
x < FLT_MAX && x > -FLT_MAX | 1.0f
std::numeric_limits<float>::infinity() > x | 1.0f
std::exp((bfloat16)x) | expf((float)(bfloat16)x)
std::sqrt((int)9) + sqrt(16) | 7.0f
std::lround(x) + std::ceil(x) - std::trunc(x) | std::round(x) + ceilf(x) - truncf(x)
std::ldexp(x, 2) + std::fmod(x, 0.5f) | x * 4 + fmodf(x, 0.5f)
std::hypot(x, 2) | (float)std::hypot((double)x, 2.0)
std::signbit(-x) + std::copysign(x, -1.0f) | 1 - x
"""


@pytest.mark.parametrize("header", ["cmath", "math.h"])
def test_expressions_of_kernels_compile_and_agree(header: str):
    pairs = [line.split(" | ") for line in EXPRESSIONS.strip().splitlines()]
    includes = f"#include <{header}>\n#include <algorithm>\n#include <aie_api/aie.hpp>\n"
    x = np.linspace(0.25, 4, 16, dtype=np.float32)
    loop = "".join(
        f"r[{2 * n} * 16 + i] = {left}; r[{2 * n + 1} * 16 + i] = {right};\n"
        for n, (left, right) in enumerate(pairs)
    )
    each = f"for (int i = 0; i < 16; i++) {{ float x = ((float *)in)[i];\n{loop}}}"
    body = f"float *r = (float *)out;\n{each}"
    done = output(execute(body, x.tobytes(), len(pairs) * 2 * 64, includes))
    got = np.frombuffer(done, np.float32).reshape(-1, 2, 16)
    for (left, right), (a, b) in zip(pairs, got, strict=True):
        assert np.array_equal(a, b), (left, right, a, b)


def test_blocks_are_copied_set_and_compared():
    data = np.random.default_rng(15).integers(-(2**31), 2**31, 64).astype(np.int32)
    body = """
    auto from = (const char *)in; auto to = (char *)out;
    int n = in[0] & 0 ? 7 : 101;
    memset(to, 0x5a, 256);
    std::memcpy(to + 3, from + 1, n);
    memmove(to + 128, from, n); memmove(to + 131, to + 128, n - 3); memmove(to + 126, to + 130, 50);
    out[64] = memcmp(from, to + 3, n) ? 1 : 0;
    out[65] = memcmp(from + 1, to + 3, n);
    out[66] = std::memcmp(from + 1, to + 3, n + 1) > 0;
    """
    got = output(execute(body, data.tobytes(), 268, "#include <cstring>\n#include <stdint.h>\n"))
    raw, want, n = data.tobytes(), bytearray(b"\x5a" * 256), 101
    want[3 : 3 + n] = raw[1 : 1 + n]
    want[128 : 128 + n] = raw[:n]
    want[131 : 131 + n - 3] = bytes(want[128 : 128 + n - 3])
    want[126:176] = bytes(want[130:180])
    assert got[:256] == bytes(want)
    greater = int(raw[1 : n + 2] > bytes(want[3 : n + 4]))
    assert np.frombuffer(got[256:], np.int32).tolist() == [1, 0, greater]


@pytest.mark.parametrize(
    "body",
    [
        "out[0] = 0; std::frexp(1.0f * in[0], (int *)(out + 1000));",
        "out[0] = 0; std::modf(1.0f * in[0], (float *)(out + 1000));",
        "int q; out[0] = (int)std::remquo(1.0f * in[0], 3.0f, in + 5000);",
    ],
)
def test_library_functions_cannot_store_outside_the_buffers(body: str):
    data = np.arange(1, 9, dtype=np.int32).tobytes()
    done = execute(body, data, 4, "#include <cmath>\n#include <cstring>\n#include <stdint.h>\n")
    assert done.stage is Stage.RUN, done
    assert done.cases[0].diagnostics[0].code == "out-of-bounds"


def test_overflow_checks_of_wide_products_link():
    body = """
    auto a = (const long long *)in; auto r = (long long *)out;
    for (int i = 0; i < 8; i++) {
      long long p; bool over = __builtin_mul_overflow(a[i], a[i + 8], &p);
      r[i] = over ? -1 : p;
    }"""
    values = np.array(
        [3, -5, 2**40, -(2**33), 2**62, 7, -(2**63), 2**32, 4, 6, 2**20, 2**29, 2, -1, 1, 2**31]
    )
    got = np.frombuffer(output(execute(body, values.tobytes(), 64)), np.int64).tolist()
    products = [int(a) * int(b) for a, b in zip(values[:8], values[8:], strict=True)]
    assert got == [p if -(2**63) <= p < 2**63 else -1 for p in products]
