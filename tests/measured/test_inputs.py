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
    # A share of about 0.4, or of about 0.1, of a set that is independent of the others.
    lower = (spread - (0.37**2 + 0.63**2)).abs() < 0.08
    assert ((spread - (0.13**2 + 0.87**2)).abs() < 0.1).logical_xor(lower).all()
    assert 16 < lower.sum() < 48
    earlier = made.flat[0].clone()
    made.fill({**TIMED, "at": TIMED["at"] + 5}, pool(made))
    assert (spread - made.flat[0].float().var(dim=1)).abs().max() > 0.2
    assert not torch.equal(earlier, made.flat[0])


def test_a_number_is_a_row():
    made = Inputs.of([[torch.tensor(1.0)], [torch.tensor(2.0)], [torch.tensor(11.0)]], ())
    made.fill({**TIMED, "with": 0}, pool(made))
    assert 2.0 <= made.flat[0].item() <= 5.0


@pytest.mark.parametrize("shape", [(), (1,), (2,)])
def test_no_two_places_give_the_same_inputs(shape: tuple[int, ...]):
    """Else outputs could be chosen by whose hash a call gets inputs that are known before."""
    made = Inputs.of([[torch.full(shape, value)] for value in (1.0, 1.0, 11.0)], ())
    bits, found = pool(made), set()
    for at in range(200):
        made.fill({**TIMED, "at": at}, bits)
        found.add(tuple(made.flat[0].reshape(-1).tolist()))
    assert len(found) == 200
