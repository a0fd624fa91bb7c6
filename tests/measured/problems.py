"""Small problems in KernelBench's contract, and kernels for them."""

from __future__ import annotations

from collections.abc import Callable

from kernelgepa.task import Interface, ModuleReference, Task, Workload
from kernelgepa.verdict import Verdict

Judged = Callable[[str, str], Verdict]

GATE = """
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.lin = nn.Linear(n, n)
        self.shift = nn.Parameter(torch.zeros(n))

    def forward(self, x):
        return torch.softmax(nn.functional.gelu(self.lin(x) + self.shift), dim=-1)


n = 96
m = 64


def get_inputs():
    return [torch.rand(m, n)]


def get_init_inputs():
    return [n]
"""

RELU = """
import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x):
        return torch.relu(x)


n = 4096


def get_inputs():
    return [torch.rand(n)]


def get_init_inputs():
    return []
"""

INTEGERS = """
import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x, wanted):
        return torch.gather(x, 1, wanted), x.argmax(dim=1), (x > 0)


n = 32


def get_inputs():
    return [torch.randn(n, 16), torch.randint(0, 16, (n, 3))]


def get_init_inputs():
    return []
"""

LENGTHS = """
import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x, lengths):
        inside = torch.arange(x.shape[1]) < lengths.unsqueeze(1)
        return (x.float() * inside).sum(dim=1)


def get_inputs():
    return [torch.randn(32, 16).to(torch.float8_e4m3fn), torch.full((32,), 9)]


def get_init_inputs():
    return []
"""


def task(code: str, name: str = "problem", **sizes: int) -> Task:
    workload = Workload("all", {}, sizes)
    seed = code.replace("class Model(", "class ModelNew(").partition("\ndef get_inputs")[0]
    reference = ModuleReference(code)
    interface = Interface("ModelNew", ())
    return Task(name, "torch", interface, (workload,), reference, {"canonical": seed}, digest=name)


def seed(code: str) -> str:
    return task(code).seeds["canonical"]


def codes(found: Verdict) -> list[str]:
    notes = [*found.diagnostics, *(d for w in found.workloads for d in w.diagnostics)]
    return [d.code for d in notes]
