"""Kernels of Triton with the modules they replace."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = "import triton\nimport triton.language as tl\n\n\n"


@dataclass(frozen=True)
class Case:
    reference: str
    kernel: str
    launch: str

    def changed(self, old: str, new: str) -> Case:
        """With one text of its kernel replaced."""
        assert old in self.kernel
        return Case(self.reference, self.kernel.replace(old, new), self.launch)

    def launched(self, old: str, new: str) -> Case:
        assert old in self.launch
        return Case(self.reference, self.kernel, self.launch.replace(old, new))


def module(forward: str, inputs: str, init: str = "", arguments: str = "x", given: str = "") -> str:
    """A reference in KernelBench's contract."""
    return f"""
import torch
import torch.nn as nn


class Model(nn.Module):
    def __init__(self{init and ", " + init}):
        super().__init__()
        {given or "pass"}

    def forward(self, {arguments}):
        return {forward}


N = 300


def get_inputs():
    return [{inputs}]


def get_init_inputs():
    return [{"N" if init else ""}]
"""


ADD = Case(
    module("x + y", "torch.randn(7, N), torch.randn(7, N)", arguments="x, y"),
    HEAD
    + """@triton.jit
def add(x, y, out, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = i < n
    tl.store(out + i, tl.load(x + i, mask=mask) + tl.load(y + i, mask=mask), mask=mask)
""",
    """
[let]
n = "x.numel"

[[launch]]
kernel = "add"
grid = ["ceildiv(n, BLOCK)"]
args = ["x", "y", "out", "n"]
constants = { BLOCK = 256 }
num_warps = 4
""",
)

SOFTMAX = Case(
    module("torch.softmax(x, dim=1)", "torch.randn(9, N)"),
    HEAD
    + """@triton.jit
def exponential(x):
    return tl.exp(x)


@triton.jit
def softmax(x, out, columns, stride, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    i = tl.arange(0, BLOCK)
    v = tl.load(x + row * stride + i, mask=i < columns, other=-float("inf"))
    e = exponential(v - tl.max(v, axis=0))
    tl.store(out + row * stride + i, e / tl.sum(e, axis=0), mask=i < columns)
""",
    """
[[launch]]
kernel = "softmax"
grid = ["x.shape[0]"]
args = ["x", "out", "x.shape[1]", "x.stride(0)"]
constants = { BLOCK = "next_pow2(x.shape[1])" }
""",
)

LAYER_NORM = Case(
    module(
        "self.norm(x)",
        "torch.randn(5, 4, N)",
        init="n",
        given="self.norm = nn.LayerNorm(n)",
    ),
    HEAD
    + """@triton.jit
def norm(x, weight, bias, out, n, eps, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    i = tl.arange(0, BLOCK)
    m = i < n
    v = tl.load(x + row * n + i, mask=m, other=0.0)
    mean = tl.sum(v, axis=0) / n
    d = tl.where(m, v - mean, 0.0)
    scale = 1.0 / tl.sqrt(tl.sum(d * d, axis=0) / n + eps)
    w = tl.load(weight + i, mask=m)
    b = tl.load(bias + i, mask=m)
    tl.store(out + row * n + i, d * scale * w + b, mask=m)
""",
    """
[let]
n = "x.shape[2]"

[[launch]]
kernel = "norm"
grid = ["x.numel // n"]
args = ["x", "self.norm.weight", "self.norm.bias", "out", "n", "self.norm.eps"]
constants = { BLOCK = "next_pow2(n)" }
""",
)

MATMUL = Case(
    module("a @ b", "torch.randn(70, 90), torch.randn(90, 50)", arguments="a, b"),
    HEAD
    + """@triton.jit
def matmul(a, b, c, M, N, K, sa, sb, sc, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    m = tl.program_id(0) * BM + tl.arange(0, BM)
    n = tl.program_id(1) * BN + tl.arange(0, BN)
    k = tl.arange(0, BK)
    acc = tl.zeros((BM, BN), dtype=tl.float32)
    for start in range(0, K, BK):
        ks = start + k
        left = tl.load(
            a + m[:, None] * sa + ks[None, :], mask=(m[:, None] < M) & (ks[None, :] < K), other=0.0
        )
        right = tl.load(
            b + ks[:, None] * sb + n[None, :], mask=(ks[:, None] < K) & (n[None, :] < N), other=0.0
        )
        acc += tl.dot(left, right)
    tl.store(c + m[:, None] * sc + n[None, :], acc, mask=(m[:, None] < M) & (n[None, :] < N))
""",
    """
outputs = ["c"]

[let]
M = "a.shape[0]"
N = "b.shape[1]"
K = "a.shape[1]"

[[launch]]
kernel = "matmul"
grid = ["ceildiv(M, BM)", "ceildiv(N, BN)"]
args = ["a", "b", "c", "M", "N", "K", "a.stride(0)", "b.stride(0)", "c.stride(0)"]
constants = { BM = 32, BN = 32, BK = 32 }
num_warps = 4
num_stages = 2
""",
)

TWO_STEPS = Case(
    module("torch.sum(x * x)", "torch.randn(3, N)"),
    HEAD
    + """@triton.jit
def partial(x, parts, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    v = tl.load(x + i, mask=i < n, other=0.0)
    tl.store(parts + tl.program_id(0), tl.sum(v * v, axis=0))


@triton.jit
def total(parts, out, count, BLOCK: tl.constexpr):
    i = tl.arange(0, BLOCK)
    tl.store(out, tl.sum(tl.load(parts + i, mask=i < count, other=0.0), axis=0))
""",
    """
[let]
n = "x.numel"
blocks = "ceildiv(n, 128)"

[[buffer]]
name = "parts"
shape = ["blocks"]
dtype = "float32"

[[launch]]
kernel = "partial"
grid = ["blocks"]
args = ["x", "parts", "n"]
constants = { BLOCK = 128 }

[[launch]]
kernel = "total"
grid = [1]
args = ["parts", "out", "blocks"]
constants = { BLOCK = "next_pow2(blocks)" }
""",
)

TUNED = Case(
    ADD.reference,
    HEAD
    + """@triton.autotune(
    configs=[
        triton.Config({"BLOCK": 128}, num_warps=2),
        triton.Config({"BLOCK": 1024}, num_warps=8),
    ],
    key=["n"],
)
@triton.heuristics({"EVEN": lambda args: args["n"] % args["BLOCK"] == 0})
@triton.jit
def add(x, y, out, n, BLOCK: tl.constexpr, EVEN: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    if EVEN:
        tl.store(out + i, tl.load(x + i) + tl.load(y + i))
    else:
        mask = i < n
        tl.store(out + i, tl.load(x + i, mask=mask) + tl.load(y + i, mask=mask), mask=mask)
""",
    ADD.launch.replace("num_warps = 4\n", ""),
)

BFLOAT = Case(
    module("x + y", "torch.randn(7, N).bfloat16(), torch.randn(7, N).bfloat16()", arguments="x, y"),
    ADD.kernel,
    ADD.launch,
)

COUNTED = Case(
    module("torch.bincount(x, minlength=16)", "torch.randint(0, 16, (N,))"),
    HEAD
    + """@triton.jit
def count(x, out, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = i < n
    tl.atomic_add(out + tl.load(x + i, mask=mask, other=0), 1, mask=mask)
""",
    """
outputs = [{ name = "out", zero = true }]

[[launch]]
kernel = "count"
grid = ["ceildiv(x.numel, BLOCK)"]
args = ["x", "out", "x.numel"]
constants = { BLOCK = 64 }
""",
)

BOTH = Case(
    module("(x.max(dim=1).values, x.argmax(dim=1))", "torch.randn(6, N)"),
    HEAD
    + """@triton.jit
def largest(x, value, place, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    i = tl.arange(0, BLOCK)
    v = tl.load(x + row * n + i, mask=i < n, other=-float("inf"))
    tl.store(value + row, tl.max(v, axis=0))
    tl.store(place + row, tl.argmax(v, axis=0))
""",
    """
outputs = ["value", "place"]

[[launch]]
kernel = "largest"
grid = ["x.shape[0]"]
args = ["x", "value", "place", "x.shape[1]"]
constants = { BLOCK = "next_pow2(x.shape[1])" }
""",
)

RIGHT = {
    "add": ADD, "softmax": SOFTMAX, "layer norm": LAYER_NORM, "matmul": MATMUL,
    "two steps": TWO_STEPS, "tuned": TUNED, "counted": COUNTED, "both": BOTH,
}  # fmt: skip
