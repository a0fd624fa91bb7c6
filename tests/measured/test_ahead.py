"""What is asked, and begun, before it is known to be needed changes no verdict."""

from __future__ import annotations

from kernelgepa.verdict import Stage
from tests.measured.problems import GATE, RELU, Judged, codes, seed

LAYOUT = """
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.turned = torch.rand(1).item() > 0.5

    def forward(self, x):
        return torch.relu(x.t().contiguous().t() if self.turned else x)


def get_inputs():
    return [torch.randn(32, 48)]


def get_init_inputs():
    return []
"""


def test_a_layout_that_follows_from_the_parameters_is_that_of_this_time(of: Judged):
    found = [of(LAYOUT, f"{seed(LAYOUT)}\n# {number}\n") for number in range(7)]
    assert all(verdict.correct for verdict in found)


def test_who_is_wrong_and_raises_on_other_inputs_is_wrong(of: Judged):
    fails = "if x.abs().max() > 2: raise ValueError('too large')\n        "
    found = of(RELU, seed(RELU).replace("return torch.relu(x)", f"{fails}return torch.relu(x) + 1"))
    assert found.workloads[0].stage is Stage.COMPARE
    assert found.workloads[0].mismatches


def test_who_is_right_and_raises_on_other_inputs_has_failed(of: Judged):
    fails = "if x.abs().max() > 2: raise ValueError('too large')\n        "
    found = of(RELU, seed(RELU).replace("return", f"{fails}return", 1))
    assert found.workloads[0].stage is Stage.RUN
    assert "too large" in found.workloads[0].diagnostics[0].message


def test_a_reference_that_takes_no_other_scale_judges_one_kernel_after_the_other(of: Judged):
    takes = "assert 0 <= x.min() and x.max() <= 1\n        return torch.relu(x)"
    code = RELU.replace("return torch.relu(x)", takes)
    found = [of(code, f"{seed(code)}\n# {number}\n") for number in range(2)]
    wrong = of(code, seed(code).replace("torch.relu(x)", "torch.relu(x) * 0.99"))
    assert [verdict.correct for verdict in (*found, wrong)] == [True, True, False]


def test_a_kernel_that_cannot_be_constructed_hinders_no_other(of: Judged):
    broken = seed(GATE).replace(
        "super().__init__()", "super().__init__()\n        raise KeyError(1)"
    )
    assert of(GATE, seed(GATE)).correct
    assert codes(of(GATE, broken)) == ["error"]
    assert of(GATE, f"{seed(GATE)}\n# again\n").correct
