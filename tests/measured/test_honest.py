"""Kernels that are right are taken, in whatever way they are."""

from __future__ import annotations

import pytest

from tests.measured.problems import Judged

_PROBLEM = """
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        {made}

    def forward(self, x):
        {body}


def get_inputs():
    return [{inputs}]


def get_init_inputs():
    return []
"""
_KERNEL = """
import copy
import torch
from torch import nn


class ModelNew(nn.Module):
    def __init__(self):
        super().__init__()
        {made}

    def forward(self, x):
        {body}
"""


def indented(text: str) -> str:
    return text.replace("\n", "\n        ")


def problem(made: str, body: str, inputs: str) -> str:
    return _PROBLEM.format(made=indented(made), body=indented(body), inputs=inputs)


def kernel(made: str, body: str) -> str:
    return _KERNEL.format(made=indented(made), body=indented(body))


LINEAR = "self.fc = nn.Linear(32, 1)\nself.scale = nn.Parameter(torch.ones(1))"
COPIED = (
    "fc, scale = nn.Linear(32, 1), nn.Parameter(torch.ones(1))\n"
    "self.w = nn.Parameter(fc.weight.detach().clone())\n"
    "self.b = nn.Parameter(fc.bias.detach().clone())\n"
    "self.scale = nn.Parameter(scale.detach().clone())"
)
CONV = "self.conv, self.norm = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)\nself.eval()"
FUSED = (
    "conv, norm = nn.Conv2d(3, 4, 3).eval(), nn.BatchNorm2d(4).eval()\n"
    "self.conv = nn.utils.fusion.fuse_conv_bn_eval(conv, norm)"
)
HEADS = "self.heads = nn.ModuleList(nn.Linear(8, 4) for _ in range(3))"
TOGETHER = (
    "heads = [nn.Linear(8, 4) for _ in range(3)]\n"
    "self.w = nn.Parameter(torch.block_diag(*(h.weight for h in heads)))\n"
    "self.b = nn.Parameter(torch.cat([h.bias for h in heads]))"
)


@pytest.mark.parametrize(
    ("reference", "candidate"),
    [
        (
            problem(LINEAR, "return self.fc(x) * self.scale", "torch.randn(64, 32)"),
            kernel(COPIED, "return torch.addmm(self.b, x, self.w.t()) * self.scale"),
        ),
        (
            problem(CONV, "return self.norm(self.conv(x))", "torch.randn(2, 3, 12, 12)"),
            kernel(FUSED, "return self.conv(x)"),
        ),
        (
            problem(HEADS, "return torch.cat([h(x) for h in self.heads], 1)", "torch.randn(64, 8)"),
            kernel(TOGETHER, "return torch.addmm(self.b, x.repeat(1, 3), self.w.t())"),
        ),
    ],
    ids=["a copy of a single number", "a copy of a layer", "mostly zeros"],
)
def test_what_is_made_of_parameters_stays_what_it_is(of: Judged, reference: str, candidate: str):
    found = of(reference, candidate)
    assert found.correct, found.workloads


def test_constants_of_the_reference_differ_all_the_same(of: Judged):
    """Also where a candidate makes more of them, later."""
    made = "self.shift = nn.Parameter(torch.zeros(32))"
    reference = problem(made, "return x.exp() + self.shift", "torch.randn(64, 32)")
    more = f"{made}\nself.zeros = nn.Parameter(torch.zeros(32))"
    assert of(reference, kernel(more, "return x.exp() + self.shift + self.zeros")).correct
    assert not of(reference, kernel(made, "return x.exp() + 0.0 * self.shift")).correct


HERMITIAN = "(lambda m: m + m.mH)(torch.randn(8, 12, 12, dtype=torch.complex64))"


def test_complex_matrices_stay_hermitian(of: Judged):
    """Which triangle of one is read makes no difference."""
    reference = problem("pass", "return torch.linalg.eigvalsh(x)", HERMITIAN)
    found = of(reference, kernel("pass", "return torch.linalg.eigvalsh(x, UPLO='U')"))
    assert found.correct, found.workloads


STEPS = "torch.cat([torch.randn(40000), torch.arange(-60, 60) * 0.3 + 0.15])"
ROUNDED = problem("pass", "return torch.round(x / 0.3).int()", STEPS)


def test_a_number_half_way_between_two_steps_may_go_either_way(of: Judged):
    """A product with the reciprocal is not the quotient, to the last bit."""
    found = of(ROUNDED, kernel("pass", "return torch.round(x * (1.0 / 0.3)).int()"))
    assert found.correct, found.workloads


@pytest.mark.parametrize("wrong", ["out[-1] += 1", "out[-9:] = 0", "out[::2] = -out[::2]"])
def test_others_may_not(of: Judged, wrong: str):
    body = f"out = torch.round(x * (1.0 / 0.3)).int()\n{wrong}\nreturn out"
    assert not of(ROUNDED, kernel("pass", body)).correct
