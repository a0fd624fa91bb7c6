"""What calls are given, beside what test_judge_inputs.py asks a judge."""

from __future__ import annotations

import pytest
import torch

from kernelgepa.measured.inputs import Inputs, pool

TIMED = {"set": 0, "with": 1, "at": 123_456_789, "scale": 1.0, "third": 2, "share": 0.4}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_rows_of_a_timed_call_are_not_alike_so_that_none_of_a_mean_can_be_left_out(
    dtype: torch.dtype,
):
    torch.manual_seed(1)
    made = Inputs.of([[torch.randn(64, 8192).to(dtype)] for _ in range(3)], ())
    made.fill(TIMED, pool(made))
    spread = made.flat[0].float().var(dim=1)
    # A share of 0.4, and of 0.1, of a set that is independent of the others.
    low, high = (share**2 + (1 - share) ** 2 for share in (0.4, 0.1))
    lower = (spread - low).abs() < 0.05
    assert ((spread - high).abs() < 0.05).logical_xor(lower).all()
    assert 16 < lower.sum() < 48
    earlier = made.flat[0].clone()
    made.fill({**TIMED, "at": TIMED["at"] + 5}, pool(made))
    assert (spread - made.flat[0].float().var(dim=1)).abs().max() > 0.2
    assert not torch.equal(earlier, made.flat[0])


def test_a_number_has_no_rows():
    made = Inputs.of([[torch.tensor(1.0)], [torch.tensor(2.0)], [torch.tensor(11.0)]], ())
    made.fill({**TIMED, "with": 0}, pool(made))
    assert made.flat[0].item() == pytest.approx(5.0)
