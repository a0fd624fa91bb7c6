"""A forward as one CUDA kernel: one element a thread, or one row a block."""

from __future__ import annotations

import re

from kernelgepa.playbook.modules import cpu_math
from kernelgepa.playbook.modules.cpp import literal
from kernelgepa.playbook.modules.values import COLUMNS, Operand
from kernelgepa.playbook.modules.whole import Whole, launch

THREADS = 256
# The functions of cpu_math by CUDA's own.
_FUNCTIONS = {
    "exp_": "(float x) { return expf(x); }",
    "expm1_": "(float x) { return expm1f(x); }",
    "log_": "(float x) { return logf(x); }",
    "log1p_": "(float x) { return log1pf(x); }",
    "sigmoid_": "(float x) { return 1.0f / (1.0f + expf(-x)); }",
    "tanh_": "(float x) { return tanhf(x); }",
    "erf_": "(float x) { return erff(x); }",
    "silu_": "(float x) { return x / (1.0f + expf(-x)); }",
    "gelu_": "(float x) { return x * normcdff(x); }",
    "gelu_tanh_": """(float x) {
    return x / (1.0f + expf(-1.59576912f * (x + 0.044715f * x * x * x)));
}""",
    "mish_": """(float x) {
    const float e = expf(x > 20.0f ? 20.0f : x), n = e * (e + 2.0f);
    return x * (n / (n + 2.0f));
}""",
    "softplus_": """(float x, float beta, float threshold) {
    const float y = x * beta;
    return y > threshold ? x : ((y < 0.0f ? 0.0f : y) + log1pf(expf(-fabsf(y)))) / beta;
}""",
    "elu_": "(float x, float alpha) { return x > 0.0f ? x : alpha * expm1f(x); }",
    "max_": "(float a, float b) { return a > b || a != a ? a : b; }",
    "min_": "(float a, float b) { return a < b || a != a ? a : b; }",
}
_REDUCE = """
// What all threads of a block hold, together; every thread gets it.
__device__ float NAME(float value) {
    __shared__ float held[32];
    for (int offset = 16; offset > 0; offset /= 2) {
        const float other = __shfl_xor_sync(0xffffffffu, value, offset);
        value = JOIN;
    }
    const int warps = blockDim.x / 32;
    if (threadIdx.x % 32 == 0) held[threadIdx.x / 32] = value;
    __syncthreads();
    value = held[0];
    for (int i = 1; i < warps; ++i) {
        const float other = held[i];
        value = JOIN;
    }
    __syncthreads();
    return value;
}
"""
_JOIN = {
    "sum": ("block_sum", "value + other", "0.0f"),
    "max": ("block_max", "other > value || other != other ? other : value", "-CUDART_INF_F"),
    "min": ("block_min", "other < value || other != other ? other : value", "CUDART_INF_F"),
}


def components(made: Whole) -> tuple[str, str]:
    """Kernel and launch."""
    writer = _Writer(made)
    body = writer.rows() if made.region.layout.reduces else writer.elements()
    parameters = [f"const float *__restrict__ {r.name}" for r in made.reads.values()]
    parameters += ["float *__restrict__ out", "long long rows", "long long cols"]
    parameters += [f"long long {n}" for n in made.numbers]
    text = f"""extern "C" __global__ void __launch_bounds__({THREADS})
fused({", ".join(parameters)}) {{
{body}}}
"""
    joins = {v.op for n in made.region.members if (v := made.values[n]).reduces}
    text = (
        "".join(
            _REDUCE.replace("NAME", _JOIN[op][0]).replace("JOIN", _JOIN[op][1])
            for op in sorted(joins)
        )
        + "\n"
        + text
    )
    used = dict.fromkeys(re.findall(r"\b(\w+_)\(", text))
    helpers = "\n".join(
        f"__device__ __forceinline__ float {n}{_FUNCTIONS[n]}" for n in used if n in _FUNCTIONS
    )
    text = text.replace("-CUDART_INF_F", "__int_as_float(0xff800000)")
    text = text.replace("CUDART_INF_F", "__int_as_float(0x7f800000)")
    let = {"rows": made.rows, "cols": made.cols, **made.numbers}
    grid = "rows" if made.region.layout.reduces else f"ceildiv(rows * cols, {THREADS})"
    arguments = [r.argument for r in made.reads.values()]
    arguments += ["out", "rows:int64", "cols:int64", *(f"{n}:int64" for n in made.numbers)]
    return f"{helpers}\n{text}", launch(let, grid, arguments, [f"block = [{THREADS}]"])


class _Writer:
    def __init__(self, made: Whole) -> None:
        self._made = made
        self._full = made.region.layout.full

    def elements(self) -> str:
        """One element a thread."""
        lines = [
            "const long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;",
            "if (i >= rows * cols) return;",
            "const long long row = i / cols, j = i % cols;",
            *self._values(self._made.closure([self._made.output], ())),
            f"out[i] = {self._text(self._made.output)};",
        ]
        return "".join(f"    {line}\n" for line in lines)

    def rows(self) -> str:
        """One row a block; what a later pass needs of the columns is computed again."""
        made, known = self._made, list[str]()
        lines = ["const long long row = blockIdx.x;"]
        for name in made.region.members:
            if not made.values[name].reduces:
                continue
            lines += self._reduction(name, known)
            known.append(name)
        needed = made.closure([made.output], known)
        if made.region.where(made.output) == "full":
            lines += self._values([n for n in needed if n not in self._full])
            inner = self._values([n for n in needed if n in self._full])
            inner.append(f"out[row * cols + j] = {self._text(made.output)};")
            lines += self._loop(inner)
        else:
            lines += self._values(needed)
            lines.append(f"if (threadIdx.x == 0) out[row] = {self._text(made.output)};")
        return "".join(f"    {line}\n" for line in lines)

    def _reduction(self, name: str, known: list[str]) -> list[str]:
        value = self._made.values[name]
        given = value.operands[0]
        function, join, start = _JOIN[value.op]
        needed = self._made.closure([given], known)
        rows = [n for n in needed if n not in self._full]
        known += rows
        inner = self._values([n for n in needed if n in self._full])
        inner += [
            f"const float other = {self._text(given)}, value = {name}p;",
            f"{name}p = {join};",
        ]
        return [
            *self._values(rows),
            f"float {name}p = {start};",
            *self._loop(inner),
            f"const float {name} = {function}({name}p);",
        ]

    def _loop(self, inner: list[str]) -> list[str]:
        head = "for (long long j = threadIdx.x; j < cols; j += blockDim.x) {"
        return [head, *(f"    {line}" for line in inner), "}"]

    def _values(self, names: list[str]) -> list[str]:
        return [self._assign(n) for n in names]

    def _assign(self, name: str) -> str:
        read = self._made.reads.get(name)
        if read is not None:
            return f"const float {read.name}j = {read.name}[{read.place}];"
        value = self._made.values[name]
        text = cpu_math.EXPRESSIONS[value.op].format(*(self._text(a) for a in value.args))
        return f"const {'bool' if value.boolean else 'float'} {name} = {text};"

    def _text(self, operand: Operand) -> str:
        if not isinstance(operand, str):
            return f"({literal(operand)})" if operand < 0 else literal(operand)
        if operand == COLUMNS:
            return "(float)cols"
        read = self._made.reads.get(operand)
        return operand if read is None else f"{read.name}j"
