"""Other launch parameters: what is changed together, and what is left alone."""

from __future__ import annotations

import pytest

from kernelgepa.launch import Forward, read
from kernelgepa.playbook.modules import parameters

SAXPY = """__global__ void saxpy(const float* x, float *y, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    for (int k = 0; k < 4; ++k) {
        if (i < n) y[i] += x[i];
    }
}
"""
LAUNCH = """[let]
n = "x.numel"

[[launch]]
kernel = "saxpy"
grid = ["ceildiv(n, 256)"]
block = [256]
args = ["x", "out", "n:int32"]
"""
ADD = """import triton
import triton.language as tl


@triton.jit
def add(x, out, n, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    tl.store(out + i, tl.load(x + i, mask=i < n) + 1.0, mask=i < n)
"""
TRITON = """[let]
n = "x.numel"

[[launch]]
kernel = "add"
grid = ["ceildiv(n, BLOCK)"]
args = ["x", "out", "n"]
constants = { BLOCK = 1024 }
"""


def test_block_and_grid_change_together() -> None:
    made = [c for c in parameters.cuda(SAXPY, LAUNCH) if c.rule == "cuda-block"]
    assert len(made) == len(parameters.BLOCKS) - 1
    for change in made:
        found = read(change.launch, "cuda", Forward(("x",))).spec
        assert found is not None
        (block,) = found.launches[0].block
        assert found.launches[0].grid[0].text == f"ceildiv(n, {block.text})" != "ceildiv(n, 256)"


@pytest.mark.parametrize("old", ["blockDim.x", "i < n"])
def test_a_kernel_that_knows_its_block_keeps_it(old: str) -> None:
    kernel = SAXPY.replace(old, "256", 1)
    assert not [c for c in parameters.cuda(kernel, LAUNCH) if c.rule == "cuda-block"]


def test_promises_to_the_compiler_go_to_kernels_alone() -> None:
    helper = "__device__ float one(const float* p) { return *p; }\n"
    rules = {c.rule: c.kernel for c in parameters.cuda(helper + SAXPY, LAUNCH)}
    kernel = rules["cuda-restrict"]
    assert kernel.startswith(helper)
    assert kernel.count("__restrict__") == 2
    assert "__launch_bounds__(256) saxpy(const float* x" in rules["cuda-launch-bounds"]
    assert "    #pragma unroll 4\n    for (int k" in rules["cuda-unroll"]


def test_a_bound_that_is_written_follows_the_block() -> None:
    kernel = SAXPY.replace("void saxpy", "void __launch_bounds__(256) saxpy")
    made = [c for c in parameters.cuda(kernel, LAUNCH) if c.rule == "cuda-block"]
    assert all(f"__launch_bounds__({c.note.split()[2]})" in c.kernel for c in made)


def test_every_text_of_triton_is_another_and_can_be_read() -> None:
    made = list(parameters.triton(ADD, TRITON))
    assert len({(c.kernel, c.launch) for c in made} | {(ADD, TRITON)}) == len(made) + 1
    assert {c.rule for c in made} == {"triton-constant", "triton-num-warps"}
    for change in made:
        assert read(change.launch, "triton", Forward(("x",))).spec is not None


def test_a_constant_that_is_computed_is_left_alone() -> None:
    launch = TRITON.replace("1024", '"next_pow2(n)"')
    assert "triton-constant" not in {c.rule for c in parameters.triton(ADD, launch)}
