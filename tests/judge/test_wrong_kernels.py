"""Kernels that are nearly right, or right where one looks, and honest ones that look odd.

Each task is numpy's word on what is right; each wrong kernel differs from the honest one only where
its name says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from judging import Evaluate

from kernelgepa.npu.frontend import C_TYPES
from kernelgepa.task import Interface, Parameter, Role, Task, Workload
from kernelgepa.tasks.arrays import Array
from kernelgepa.tasks.inputs import Range
from kernelgepa.tasks.reference import NumpyReference

N = 512
HEADER = '#include <aie_api/aie.hpp>\n#include "aie_kernel_utils.h"\n'
BYTE = Range(-128, 127, True)
WORD = Range(-32768, 32767, True)
REAL = Range(-4, 4)


@dataclass(frozen=True)
class Made:
    """A task as one line: parameters as "role dtype name", numpy's function, ranges, sizes."""

    parameters: str
    function: Callable[..., Array]
    ranges: Mapping[str, Range]
    out: int = N
    scalars: Mapping[str, float] | None = None

    def task(self) -> Task:
        words = [p.split() for p in self.parameters.split(", ")]
        roles: dict[str, Role] = {"in": "in", "out": "out", "scalar": "scalar"}
        parameters = tuple(Parameter(n, roles[r], t) for r, t, n in words)
        interface = Interface("k", parameters)
        shapes = {n: (N if r == "in" else self.out,) for r, _, n in words if r != "scalar"}

        def reference(
            inputs: Mapping[str, Array], scalars: Mapping[str, float]
        ) -> Mapping[str, Array]:
            wide = {
                n: a.astype(np.float64 if a.dtype.kind not in "iu" else np.int64)
                for n, a in inputs.items()
            }
            return {"out": self.function(**wide, **scalars)}

        return Task(
            "made",
            "npu-sim",
            interface,
            (Workload("w", shapes, self.scalars or {}),),
            NumpyReference(reference, interface, self.ranges),
            {},
            digest=self.parameters,
        )

    def source(self, body: str) -> str:
        """`body` is the function's; what stands before a line of --- comes before the function."""
        before, _, inner = body.rpartition("---")
        listed = []
        for p in self.parameters.split(", "):
            role, kind, name = p.split()
            listed.append(f"{C_TYPES[kind]} {'' if role == 'scalar' else '*'}{name}")
        return f"{HEADER}{before}\nvoid k({', '.join(listed)}) {{\n{inner}\n}}\n"


def each(expression: str) -> str:
    return f"for (int i = 0; i < {N}; i++) {{ {expression} }}"


def running(x: Array) -> Array:
    """The sum so far, which stays at the limits of 16 bits until it turns."""
    found, total = [], 0
    for value in x:
        total = min(max(total + int(value), -32768), 32767)
        found.append(total)
    return np.array(found)


TASKS = {
    "abs": Made("in int8 x, out int8 out", lambda x: np.minimum(abs(x), 127), {"x": BYTE}),
    "add": Made(
        "in int8 x, in int8 y, out int8 out",
        lambda x, y: np.clip(x + y, -128, 127),
        {"x": BYTE, "y": BYTE},
    ),
    "halve": Made("in int16 x, out int16 out", lambda x: (x + 8) >> 4, {"x": WORD}),
    "narrow": Made(
        "in int16 x, out int8 out", lambda x: np.clip((x + 64) >> 7, -128, 127), {"x": WORD}
    ),
    "square": Made("in int16 x, out int32 out", lambda x: x * x, {"x": WORD}),
    "max": Made(
        "in int8 x, out int8 out", lambda x: x.max(keepdims=True), {"x": BYTE}, out=1
    ),
    "min": Made(
        "in int8 x, out int8 out", lambda x: x.min(keepdims=True), {"x": BYTE}, out=1
    ),
    "sum": Made(
        "in int16 x, out int32 out", lambda x: x.sum(keepdims=True), {"x": WORD}, out=1
    ),
    "sigmoid": Made(
        "in float32 x, out float32 out", lambda x: 1 / (1 + np.exp(-x)), {"x": Range(-30, 30)}
    ),
    "relu": Made("in bfloat16 x, out bfloat16 out", lambda x: np.maximum(x, 0), {"x": REAL}),
    "scale": Made(
        "in int16 x, scalar int32 by, out int32 out", lambda x, by: x * by, {"x": WORD},
        scalars={"by": 3},
    ),
    "less": Made(
        "in int16 x, in int16 y, out uint8 out", lambda x, y: (x < y) * 1, {"x": WORD, "y": WORD}
    ),
    "running": Made("in int16 x, out int16 out", running, {"x": Range(-500, 500, True)}),
}  # fmt: skip
SATURATE = "int s = x[i] + y[i]; s = s > 127 ? 127 : s < -128 ? -128 : s;"
ABS = "int v = x[i]; v = v < 0 ? -v : v; v = v > 127 ? 127 : v;"
LIMIT = "s = s > 32767 ? 32767 : s < -32768 ? -32768 : s;"
HONEST = {
    "abs": each(f"{ABS} out[i] = v;"),
    "add": each(f"{SATURATE} out[i] = s;"),
    "halve": each("out[i] = (x[i] + 8) >> 4;"),
    "narrow": each("int v = (x[i] + 64) >> 7; out[i] = v > 127 ? 127 : v < -128 ? -128 : v;"),
    "square": each("out[i] = x[i] * x[i];"),
    "max": "int m = -128; " + each("m = x[i] > m ? x[i] : m;") + " out[0] = m;",
    "min": "int m = 127; " + each("m = x[i] < m ? x[i] : m;") + " out[0] = m;",
    "sum": "int s = 0; " + each("s += x[i];") + " out[0] = s;",
    "sigmoid": each("out[i] = 1.0f / (1.0f + expf(-x[i]));"),
    "relu": each("float v = x[i]; out[i] = (bfloat16)(v > 0 ? v : 0.0f);"),
    "scale": each("out[i] = x[i] * by;"),
    "less": each("out[i] = x[i] < y[i];"),
    "running": "int s = 0; " + each(f"s += x[i]; {LIMIT} out[i] = s;"),
}
WRONG: list[tuple[str, str, str]] = [
    # what is wrong, task, body
    ("wraps for the least value", "abs", each("int v = x[i]; out[i] = v < 0 ? -v : v;")),
    ("saturates what it writes, not what it adds to", "running",
     "int t = 0; " + each(f"t += x[i]; int s = t; {LIMIT} out[i] = s;")),
    ("saturates sums of 16 together", "running",
     "int c = 0; for (int j = 0; j < 512; j += 16) { int t = 0; for (int i = j; i < j + 16; i++) "
     f"{{ t += x[i]; int s = c + t; {LIMIT} out[i] = s; }} c = out[j + 15]; }}"),
    ("wrong for one value of 256", "abs", each(f"{ABS} out[i] = x[i] == 37 ? 36 : v;")),
    ("wrong for one odd value", "abs", each(f"{ABS} out[i] = v == 93 ? 92 : v;")),
    ("wraps where it must saturate", "add", each("out[i] = x[i] + y[i];")),
    ("wraps only below", "add", each("int s = x[i] + y[i]; out[i] = s > 127 ? 127 : s;")),
    ("saturates one too early", "add", each(f"{SATURATE} out[i] = s > 126 ? 126 : s;")),
    (
        "wrong where both are least",
        "add",
        each(f"{SATURATE} out[i] = x[i] == -128 && y[i] == -128 ? 127 : s;"),
    ),
    (
        "wrong where one is greatest and the other least",
        "add",
        each(f"{SATURATE} out[i] = x[i] == 127 && y[i] == -128 ? 0 : s;"),
    ),
    ("rounds ties down", "halve", each("out[i] = (x[i] + 7) >> 4;")),
    ("rounds ties to even", "halve", each("int v = x[i]; out[i] = (v + 7 + ((v >> 4) & 1)) >> 4;")),
    ("cuts off", "halve", each("out[i] = x[i] >> 4;")),
    ("divides towards zero", "halve", each("out[i] = (x[i] + 8) / 16;")),
    (
        "overflows in 16 bits before it halves",
        "halve",
        each("int16_t v = (int16_t)(x[i] + 8); out[i] = v >> 4;"),
    ),
    ("rounds ties down before it saturates", "narrow", each(
        "int v = (x[i] + 63) >> 7; out[i] = v > 127 ? 127 : v < -128 ? -128 : v;")),
    ("saturates symmetrically", "narrow", each(
        "int v = (x[i] + 64) >> 7; out[i] = v > 127 ? 127 : v < -127 ? -127 : v;")),
    ("wraps where rounding carries", "narrow", each("out[i] = (x[i] + 64) >> 7;")),
    ("16 bits of the product", "square", each("out[i] = (int16_t)(x[i] * x[i]);")),
    ("the product in floats", "square", each(
        "float v = x[i]; out[i] = (int)(v * v + 0.5f);")),
    ("saturates the greatest product", "square", each(
        "int v = x[i] * x[i]; out[i] = v > 1073741823 ? 1073741823 : v;")),
    ("starts at zero", "max", "int m = 0; " + each("m = x[i] > m ? x[i] : m;") + " out[0] = m;"),
    ("leaves out the first", "max",
     "int m = -128; for (int i = 1; i < 512; i++) m = x[i] > m ? x[i] : m; out[0] = m;"),
    ("leaves out the last", "min",
     "int m = 127; for (int i = 0; i < 511; i++) m = x[i] < m ? x[i] : m; out[0] = m;"),
    ("leaves out the last vector", "max",
     "int m = -128; for (int i = 0; i < 480; i++) m = x[i] > m ? x[i] : m; out[0] = m;"),
    ("always the greatest there is", "max", "out[0] = 127;"),
    ("reads one too many", "min",
     "int m = 127; for (int i = 0; i <= 512; i++) m = x[i] < m ? x[i] : m; out[0] = m;"),
    ("sums in 16 bits", "sum", "int16_t s = 0; " + each("s += x[i];") + " out[0] = s;"),
    ("sums in floats", "sum", "bfloat16 s = 0; " + each(
        "s = (bfloat16)((float)s + x[i]);") + " out[0] = (int)(float)s;"),
    ("sums absolute values", "sum",
     "int s = 0; " + each("s += x[i] < 0 ? -x[i] : x[i];") + " out[0] = s;"),
    ("a polynomial good near zero", "sigmoid", each(
        "float v = x[i]; out[i] = 0.5f + v * 0.25f - v * v * v * 0.0208f;")),
    ("NaN for large arguments", "sigmoid", each(
        "float e = expf(x[i] * 4.0f); e = e * e; out[i] = e / (1.0f + e) * 0 + 1.0f / "
        "(1.0f + expf(-x[i]));")),
    ("saturates at 4", "sigmoid", each(
        "float v = x[i]; v = v > 4 ? 4 : v < -4 ? -4 : v; out[i] = 1.0f / (1.0f + expf(-v));")),
    ("passes small negative values", "relu", each(
        "float v = x[i]; out[i] = (bfloat16)(v > -0.25f ? v : 0.0f);")),
    ("only the recorded parameter's sign", "scale", each("out[i] = x[i] * (by - 1);")),
    ("equal counts as less", "less", each("out[i] = x[i] <= y[i];")),
    ("compares a difference of 16 bits", "less", each("out[i] = (int16_t)(x[i] - y[i]) < 0;")),
    ("true is all ones", "less", each("out[i] = x[i] < y[i] ? 255 : 0;")),
    ("remembers its answers", "abs",
     "static int8_t kept[512]; static int done; if (!done) {" + each(f"{ABS} kept[i] = v;")
     + " done = 1; }" + each("out[i] = kept[i];")),
    ("remembers answers by the first input", "abs",
     "static int8_t kept[512]; static int key = 999; if (key != x[0]) { key = x[0]; "
     + each(f"{ABS} kept[i] = v;") + "} " + each("out[i] = kept[i];")),
    ("counts its calls", "abs",
     "static int calls; calls++; " + each(f"{ABS} out[i] = calls > 1 ? 0 : v;")),
    ("adds to what lies in the output", "sum", each("out[0] += x[i];")),
    ("takes the buffer's address into account", "abs",
     each(f"{ABS} out[i] = v ^ ((int)out >> 6 & 1);")),
    ("depends on a local that is not set", "abs",
     "volatile int unset[4]; " + each(f"{ABS} out[i] = v + (unset[i & 3] & 1);")),
    ("works in place first", "abs", each(f"{ABS} x[i] = v;") + each("out[i] = x[i];")),
    ("leaves the core saturating and relies on it", "add",
     "auto before = aie::get_saturation(); aie::set_saturation(aie::saturation_mode::saturate); "
     + each(f"{SATURATE} out[i] = before == aie::saturation_mode::saturate ? 0 : s;")),
]  # fmt: skip
ODD: list[tuple[str, str, str]] = [
    ("vectors and a scalar tail", "abs",
     "for (int i = 0; i < 480; i += 32) aie::store_v(out + i, aie::min(aie::max(aie::load_v<32>"
     "(x + i), aie::neg(aie::max(aie::load_v<32>(x + i), (int8_t)-127))), (int8_t)127));"
     + "for (int i = 480; i < 512; i++) {" + f"{ABS} out[i] = v;" + "}"),
    ("backwards", "halve", "for (int i = 511; i >= 0; i--) out[i] = (x[i] + 8) >> 4;"),
    ("a table made at the first call", "abs",
     "static uint8_t table[256]; static bool ready; if (!ready) { for (int i = 0; i < 256; i++) { "
     "int v = (int8_t)i; v = v < 0 ? -v : v; table[i] = v > 127 ? 127 : v; } ready = true; } "
     + each("out[i] = table[(uint8_t)x[i]];")),
    ("the output as scratch", "halve",
     each("out[i] = x[i];") + each("out[i] = ((int)out[i] + 8) >> 4;")),
    ("reads ahead and does not use it", "halve",
     "volatile int16_t ahead; " + each("ahead = x[i + 1]; out[i] = (x[i] + 8) >> 4;")),
    ("tests how its buffers are aligned", "halve",
     "int step = ((int)x | (int)out) & 63 ? 1 : 2; for (int i = 0; i < 512; i += step) "
     "for (int j = i; j < i + step; j++) out[j] = (x[j] + 8) >> 4;"),
    ("a mode set and used", "add",
     "aie::set_saturation(aie::saturation_mode::saturate); for (int i = 0; i < 512; i += 32) { "
     "aie::accum<acc32, 32> a(aie::load_v<32>(x + i)); a = aie::add(a, aie::load_v<32>(y + i)); "
     "aie::store_v(out + i, a.to_vector<int8_t>()); }"),
    ("a sigmoid by tanh", "sigmoid", each("out[i] = 0.5f + 0.5f * tanhf(0.5f * x[i]);")),
    ("adds a negative zero", "relu", each(
        "float v = x[i]; out[i] = (bfloat16)((v > 0 ? v : -0.0f) + -0.0f);")),
    ("counts its calls and tells nobody", "abs",
     "static volatile int calls; calls = calls + 1; " + each(f"{ABS} out[i] = v;")),
]  # fmt: skip


@pytest.mark.parametrize("name", TASKS)
def test_the_plain_kernel_is_correct(evaluate: Evaluate, name: str):
    made = TASKS[name]
    verdict = evaluate(made.task(), made.source(HONEST[name]))
    assert verdict.correct, (verdict.diagnostics, verdict.workloads)


@pytest.mark.parametrize(("name", "task", "body"), WRONG, ids=[w[0] for w in WRONG])
def test_a_nearly_right_kernel_is_rejected(evaluate: Evaluate, name: str, task: str, body: str):
    made = TASKS[task]
    verdict = evaluate(made.task(), made.source(body))
    assert not verdict.correct
    assert verdict.stage.name in ("RUN", "COMPARE"), verdict.diagnostics


@pytest.mark.parametrize(("name", "task", "body"), ODD, ids=[o[0] for o in ODD])
def test_an_odd_but_honest_kernel_is_correct(evaluate: Evaluate, name: str, task: str, body: str):
    made = TASKS[task]
    verdict = evaluate(made.task(), made.source(body))
    assert verdict.correct, (verdict.diagnostics, verdict.workloads)
