"""The kernels of a module in C++: one function for each, general over sizes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kernelgepa.playbook.modules import cpu_math
from kernelgepa.playbook.modules.schedule import Schedule, Stage
from kernelgepa.playbook.modules.values import COLUMNS, Operand, Value

BLOCK = 1024  # columns that are summed in floats before the sum goes on in doubles
CHUNK = 16384  # columns of one piece of work where there is no reduction
_HEADER = """#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#ifdef _OPENMP
#include <omp.h>
#endif

// The place of a row in each tensor: rows have up to 8 dimensions, strides of 0 repeat.
struct Walk {
    const int64_t *size, *stride;
    int dims, tensors;
    int64_t index[8], offset[OPERANDS];
    Walk(const int64_t *size, const int64_t *stride, int dims, int tensors, int64_t row)
        : size(size), stride(stride), dims(dims), tensors(tensors) {
        for (int k = 0; k < tensors; ++k) offset[k] = 0;
        for (int d = dims - 1; d >= 0; --d) {
            index[d] = row % size[d];
            row /= size[d];
            for (int k = 0; k < tensors; ++k) offset[k] += index[d] * stride[k * dims + d];
        }
    }
    void next() {
        for (int d = dims - 1; d >= 0; --d) {
            for (int k = 0; k < tensors; ++k) offset[k] += stride[k * dims + d];
            if (++index[d] < size[d]) return;
            for (int k = 0; k < tensors; ++k) offset[k] -= size[d] * stride[k * dims + d];
            index[d] = 0;
        }
    }
};
"""
_FUNCTION = """
extern "C" int NAME(const float *const *in, float *const *out, const int64_t *size,
                    const int64_t *stride, int dims, int64_t cols, int threads) {
    int64_t rows = 1;
    for (int d = 0; d < dims; ++d) rows *= size[d];
    const int64_t width = WIDTH, parts = cols ? (cols + width - 1) / width : 1;
    const int64_t tasks = rows * parts;
    int failed = 0;
#pragma omp parallel num_threads(threads) if (threads > 1) reduction(| : failed)
    {
        int64_t me = 0, all = 1;
#ifdef _OPENMP
        me = omp_get_thread_num();
        all = omp_get_num_threads();
#endif
        const int64_t first = tasks * me / all, last = tasks * (me + 1) / all;
        int64_t row = first / parts, part = first % parts;
        Walk walk(size, stride, dims, TENSORS, row);
SETUP
        for (int64_t task = first; task < last && !failed; ++task) {
            const int64_t begin = part * width;
            const int64_t end = begin + width < cols ? begin + width : cols;
BODY
            if (++part == parts) {
                part = 0;
                ++row;
                walk.next();
            }
        }
TEARDOWN
    }
    return failed;
}
"""


def source(kernels: Sequence[tuple[str, Schedule]]) -> str:
    """C++ of kernels by name."""
    made = "".join(_Writer(name, plan).function() for name, plan in kernels)
    most = max(len(plan.region.leaves) for _, plan in kernels)
    helpers = cpu_math.functions(re.findall(r"\w+\(", made))
    return f"{_HEADER.replace('OPERANDS', str(max(most, 1)))}\n{helpers}\n{made}"


def literal(value: float) -> str:
    return f"{value!r}f" if "e" in repr(value) or "." in repr(value) else f"{value!r}.0f"


class _Writer:
    def __init__(self, name: str, plan: Schedule) -> None:
        self._name, self._plan, self._region = name, plan, plan.region
        self._leaf = {n: f"x{i}" for i, n in enumerate(self._region.leaves)}

    def function(self) -> str:
        buffers = self._plan.buffers
        setup = teardown = ""
        if buffers:
            size = f"{buffers} * (size_t)cols * sizeof(float) + 1"
            setup = f"        float *scratch = (float *)malloc({size});\n"
            setup += "        if (!scratch) failed = 1;"
            teardown = "        free(scratch);"
        text = _FUNCTION.replace("NAME", self._name)
        text = text.replace(
            "WIDTH", "cols ? cols : 1" if self._region.layout.reduces else str(CHUNK)
        )
        text = text.replace("TENSORS", str(len(self._region.leaves)))
        text = text.replace("SETUP\n", f"{setup}\n" if setup else "")
        text = text.replace("TEARDOWN\n", f"{teardown}\n" if teardown else "")
        return text.replace("BODY", "\n".join(" " * 12 + line for line in self._body()))

    def _body(self) -> list[str]:
        made = []
        for leaf, name in self._leaf.items():
            index = self._region.leaves.index(leaf)
            place = f"in[{index}] + walk.offset[{index}]"
            if leaf in self._region.layout.full:
                made.append(f"const float *{name} = {place};")
            else:
                made.append(f"const float {name} = *({place});")
        for index, output in enumerate(self._region.outputs):
            if self._region.where(output) == "full":
                made.append(f"float *out{index} = out[{index}] + row * cols;")
        for index in range(self._plan.buffers):
            made.append(f"float *buffer{index} = scratch + {index} * cols;")
        for stage in self._plan.stages:
            made += [self._assign(n) for n in stage.rows]
            made += self._pass(stage)
        made += [self._assign(n) for n in self._plan.rows]
        for index, output in enumerate(self._region.outputs):
            if self._region.where(output) != "full":
                made.append(f"out[{index}][row] = {self._text(output)};")
        return made

    def _pass(self, stage: Stage) -> list[str]:
        if not (stage.columns or stage.reductions or stage.loads):
            return []
        inner = self._inner(stage)
        if not stage.reductions:
            return [
                "#pragma omp simd",
                "for (int64_t j = begin; j < end; ++j) {",
                *(f"    {line}" for line in inner),
                "}",
            ]
        before, partial, clauses, after, final = self._reducing(stage)
        return [
            *before,
            f"for (int64_t a = begin; a < end; a += {BLOCK}) {{",
            f"    const int64_t b = a + {BLOCK} < end ? a + {BLOCK} : end;",
            *(f"    {line}" for line in partial),
            f"#pragma omp simd {' '.join(clauses)}",
            "    for (int64_t j = a; j < b; ++j) {",
            *(f"        {line}" for line in inner),
            "    }",
            *(f"    {line}" for line in after),
            "}",
            *final,
        ]

    def _reducing(
        self, stage: Stage
    ) -> tuple[list[str], list[str], list[str], list[str], list[str]]:
        """Lines before the blocks, before a block, its clauses, after a block, after all."""
        before = list[str]()
        partial, clauses, after, final = list[str](), list[str](), list[str](), list[str]()
        for name in stage.reductions:
            op = self._plan.values[name].op
            if op == "sum":
                before.append(f"double {name}d = 0.0;")
                partial.append(f"float {name}p = 0.0f;")
                clauses.append(f"reduction(+ : {name}p)")
                after.append(f"{name}d += {name}p;")
                final.append(f"const float {name} = (float){name}d;")
                continue
            start = "-INFINITY" if op == "max" else "INFINITY"
            sign = "<" if op == "max" else ">"
            before += [f"float {name}m = {start};", f"int {name}n = 0;"]
            partial += [f"float {name}p = {start};", f"int {name}q = 0;"]
            clauses += [f"reduction({op} : {name}p)", f"reduction(| : {name}q)"]
            after += [
                f"{name}m = {name}m {sign} {name}p ? {name}p : {name}m;",
                f"{name}n |= {name}q;",
            ]
            final.append(f"const float {name} = {name}n ? NAN : {name}m;")
        return before, partial, clauses, after, final

    def _inner(self, stage: Stage) -> list[str]:
        made = [f"const float {n} = {place}[j];" for n, place in stage.loads.items()]
        for name in stage.columns:
            if name in self._leaf:
                made.append(f"const float {self._leaf[name]}j = {self._leaf[name]}[j];")
            else:
                made.append(self._assign(name))
        for name in stage.reductions:
            value = self._plan.values[name]
            given = self._text(value.operands[0])
            if value.op == "sum":
                made.append(f"{name}p += {given};")
            else:
                sign = "<" if value.op == "max" else ">"
                made.append(f"{name}p = {name}p {sign} {given} ? {given} : {name}p;")
                made.append(f"{name}q |= {given} != {given};")
        made += [f"{place}[j] = {self._text(n)};" for n, place in stage.saves.items()]
        made += [f"out{self._region.outputs.index(n)}[j] = {self._text(n)};" for n in stage.stores]
        return made

    def _assign(self, name: str) -> str:
        value = self._plan.values[name]
        kind = "bool" if value.boolean else "float"
        return f"const {kind} {name} = {self.expression(value)};"

    def expression(self, value: Value) -> str:
        return cpu_math.EXPRESSIONS[value.op].format(*(self._text(a) for a in value.args))

    def _text(self, operand: Operand) -> str:
        if not isinstance(operand, str):
            return f"({literal(operand)})" if operand < 0 else literal(operand)
        if operand == COLUMNS:
            return "(float)cols"
        leaf = self._leaf.get(operand)
        if leaf is None:
            return operand
        return f"{leaf}j" if operand in self._region.layout.full else leaf
