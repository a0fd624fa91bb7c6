"""Modules of torch for the benchmark of measured targets: a reference and a candidate each."""

from __future__ import annotations

from dataclasses import dataclass

from kernelgepa.candidate import Candidate
from kernelgepa.task import Interface, ModuleReference, Task, Workload

_PROBLEM = """
import torch
import torch.nn as nn
import torch.nn.functional as F


class Model(nn.Module):
    def __init__(self, size):
        super().__init__()
        {made}

    def forward(self, x):
        {body}


size = {size}


def get_inputs():
    return [torch.randn({shape})]


def get_init_inputs():
    return [size]
"""
_KERNEL = '''
import torch
from torch import nn
from torch.nn import functional as F


class ModelNew(nn.Module):
    """{note}"""

    def __init__(self, size: int) -> None:
        super().__init__()
        {made}

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        {body}
'''


@dataclass(frozen=True)
class Pair:
    """A reference and a candidate: statements of constructor and forward on either side."""

    name: str
    size: int
    shape: str
    reference: str
    candidate_body: str
    made: str = "pass"
    note: str = ""

    @property
    def candidate(self) -> str:
        return _KERNEL.format(
            made=self.made, body=_indented(self.candidate_body), note=self.note or self.name
        )

    def kernel(self) -> Candidate:
        return Candidate.kernel(self.candidate)

    def renamed(self, number: int) -> Pair:
        """The same with another text."""
        return Pair(
            self.name, self.size, self.shape, self.reference, self.candidate_body, self.made,
            f"Number {number}.",
        )  # fmt: skip

    def task(self) -> Task:
        code = _PROBLEM.format(
            made=self.made, body=_indented(self.reference), size=self.size, shape=self.shape
        )
        return Task(
            self.name, "torch", Interface("ModelNew", ()), (Workload("all", {}),),
            ModuleReference(code), {"canonical": self.candidate}, digest=self.name,
        )  # fmt: skip


def _indented(body: str) -> str:
    return body.strip().replace("\n", "\n        ")


EQUIVALENTS = (
    Pair(
        "gate", 256, "512, size", "return torch.sigmoid(x) * torch.tanh(x)",
        "left = torch.sigmoid(given)\nright = torch.tanh(given)\nreturn left * right",
    ),
    Pair(
        "dense", 256, "256, size", "return F.relu(self.f(x))",
        "hidden = self.f(given)\n# then the activation\nreturn torch.relu(hidden)",
        "self.f = nn.Linear(size, size)",
    ),
    Pair(
        "row_softmax", 512, "256, size", "return torch.softmax(x, dim=1)",
        "rows = given\nreturn F.softmax(rows, -1)",
    ),
    Pair(
        "filter", 8, "4, size, 48, 48", "x = self.f(x)\nreturn F.gelu(x)",
        "return F.gelu(\n    self.f(given)\n)",
        "self.f = nn.Conv2d(size, 16, 3)",
    ),
    Pair(
        "norm", 512, "256, size", "return self.f(x + x)",
        "twice = given + given\nout = self.f(twice)\nreturn out",
        "self.f = nn.LayerNorm(size)",
    ),
    Pair(
        "row_sums", 1024, "512, size", "return (x * x).sum(dim=1)",
        "squares = given * given\nreturn torch.sum(squares, 1)",
    ),
)  # fmt: skip
LIGHT = Pair("light", 64, "64, size", "return torch.relu(x)", "return torch.relu(given)")


def steps(reference: int, candidate: int) -> Pair:
    """The candidate is `reference / candidate` times as fast: each computes the same value so many
    times, and returns the last."""
    body = "for _ in range({}):\n    out = torch.tanh({})\nreturn out"
    return Pair(
        f"steps_{reference}_{candidate}", 128, "256, size", body.format(reference, "x"),
        body.format(candidate, "given"),
    )  # fmt: skip
