"""Inputs that tell kernels apart: what varies, what may be mixed, and a reference that raises."""

from __future__ import annotations

import pytest

from kernelgepa.candidate import Candidate
from kernelgepa.errors import InputError
from kernelgepa.measured.judge import ModuleJudge
from tests.measured.problems import Judged, codes, seed, task

ALWAYS = """
import torch
class Model(torch.nn.Module):
    def forward(self, x, gain, mask, bias, start):
        far = x * gain + mask
        return far.softmax(dim=1) @ x.T + bias, x[start]
def get_inputs():
    n = 64
    mask = torch.full((n, n), float("-inf")).triu(1)
    start = torch.arange(0, n, 4)
    return [torch.randn(n, n), torch.ones(n), mask, torch.zeros(n), start]
def get_init_inputs():
    return []
"""


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        (("far.soft", "(x * gain + mask).soft"), True),
        (("x[start]", "x[::4].clone()"), True),  # in order in all of them, as it may rely on
        (("x * gain", "x"), False),
        ((" + bias", ""), False),
        (("+ mask", "+ torch.full_like(mask, -torch.inf).triu(1)"), False),
    ],
)
def test_an_input_that_is_always_the_same_is_none_that_is_known(
    of: Judged, change: tuple[str, str], taken: bool
):
    source = seed(ALWAYS).replace(*change)
    assert source != seed(ALWAYS)
    found = of(ALWAYS, source)
    assert found.correct is taken
    assert ("constant-input" in codes(found)) is not taken


PLACED = """
import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x, places):
        return x[places.argsort()]


def get_inputs():
    return [torch.rand(3, 64), torch.randperm(3)]


def get_init_inputs():
    return []
"""


@pytest.mark.parametrize("number", range(5))
def test_a_mixture_that_is_a_permutation_by_luck_decides_nothing(judge: ModuleJudge, number: int):
    """Places without one twice are what the kernel goes by, as sets of inputs have them."""
    source = seed(PLACED).replace(
        "x[places.argsort()]", "torch.empty_like(x).index_copy_(0, places, x)"
    )
    assert judge.whole(task(PLACED), Candidate.kernel(f"{source}# {number}\n")).correct


PAIRS = """\
import torch
import torch.nn as nn


class Model(nn.Module):
    def forward(self, x):
        ends, starts = x[:5], x[5:10]
        if LIMIT < (ends + starts - 1.0).abs().min():
            raise ValueError("no pair sums to one")
        return x * 2.0


def get_inputs():
    x = torch.rand(4000)
    x[5:10] = 1.0 - x[:5]
    return [x]


def get_init_inputs():
    return []
"""


def test_a_reference_that_raises_on_a_few_mixtures_is_not_the_candidates_fault(of: Judged):
    code = PAIRS.replace("LIMIT", "1e-5")  # of mixtures one in 32
    found = of(code, seed(code))
    assert found.correct and found.workloads[0].timing is not None


def test_a_reference_that_raises_now_and_then_is_refused(of: Judged):
    code = PAIRS.replace("LIMIT < (ends + starts - 1.0).abs().min()", "x.sum() % 0.1 < 0.01")
    with pytest.raises(InputError, match="reference cannot be run on cpu: line 9: ValueError: no"):
        of(code, seed(code))


NORMED = """\
import torch
from torch import nn
from torch.nn import functional as F


class Model(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(n))
        self.line = nn.Linear(n, n)
        nn.init.zeros_(self.line.bias)
        self.norm = nn.LayerNorm(n)

    def forward(self, x):
        return self.norm(self.line(x)) * self.scale


def get_inputs():
    return [torch.rand(16, 64)]


def get_init_inputs():
    return [64]
"""
OWN = """\
import torch
from torch import nn
from torch.nn import functional as F


class ModelNew(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(n))
        self.weight = nn.Linear(n, n).weight
        self.bias = nn.Parameter(torch.zeros(n))
        nn.init.zeros_(self.bias)
        self.gain, self.shift = nn.Parameter(torch.ones(n)), nn.Parameter(torch.zeros(n))

    def forward(self, x):
        x = F.linear(x, self.weight, self.bias)
        return F.layer_norm(x, self.gain.shape, self.gain, self.shift) * self.scale
"""


def test_zeros_and_ones_are_the_same_whoever_makes_a_parameter_of_them(of: Judged):
    found = of(NORMED, OWN)
    assert found.correct and found.workloads[0].labels == ()
    for left_out in (" * self.scale", ", self.shift"):
        assert not of(NORMED, OWN.replace(left_out, "")).correct
