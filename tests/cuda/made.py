"""Tasks and candidates of the target, small."""

from __future__ import annotations

from kernelgepa.candidate import Candidate
from kernelgepa.task import Interface, ModuleReference, Task, Workload

PROBLEM = '''
import torch
import torch.nn as nn

rows, columns = 64, 1000

class Model(nn.Module):
    """Scaled, shifted, through a rectifier."""
    def __init__(self, columns, slope):
        super(Model, self).__init__()
        self.scale = nn.Parameter(torch.rand(columns) + 0.5)
        self.slope = slope
        self.inner = nn.Linear(columns, 3)

    def forward(self, x):
        y = x * self.scale + self.inner.bias[0]
        return torch.where(y > 0, y, self.slope * y)

def get_inputs():
    return [torch.randn(rows, columns)]

def get_init_inputs():
    return [columns, 0.1]
'''
KERNEL = """
#include <cstdint>
template <typename T, int N>
__global__ void __launch_bounds__(256) scale(const T* x, const T* s, const T* bias, T* y,
                                             int64_t n, int columns, float slope) {
    for (int64_t i = blockIdx.x * (int64_t)N + threadIdx.x; i < n; i += (int64_t)N * gridDim.x) {
        T v = x[i] * s[i % columns] + bias[0];
        y[i] = v > 0 ? v : slope * v;
    }
}
"""
LAUNCH = """
[let]
n = "x.numel"
[[launch]]
kernel = "scale<float, 256>"
grid = ["min(ceildiv(n, 256), 1024)"]
block = [256]
args = ["x", "self.scale", "self.inner.bias", "out", "n", "x.shape[1]", "self.slope"]
"""


def task(code: str = PROBLEM) -> Task:
    return Task(
        "scaled", "cuda", Interface("", ()), (Workload("as shipped", {}),), ModuleReference(code),
        {"canonical": KERNEL}, components={"launch": LAUNCH},
    )  # fmt: skip


def candidate(kernel: str = KERNEL, launch: str = LAUNCH) -> Candidate:
    return Candidate({"kernel": kernel, "launch": launch})
