"""Candidates for a CPU: each is a whole ModelNew, right at sizes it was not made from."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from problems import PROBLEMS, SIZES, TWO, graph_of, problem

from kernelgepa.playbook.modules import fusing, on_cpu
from kernelgepa.playbook.modules.graph import Unsupported

HERE = Path(__file__).parent
PLAIN, LARGEST = on_cpu.VARIANTS[:2]


def compared(cases: list[tuple[str, str]]) -> list[list[float | str]]:
    """What compare.py says of (code, candidate) in a process of its own."""
    given = [{"code": code, "candidate": made, "sizes": SIZES} for code, made in cases]
    done = subprocess.run(
        [sys.executable, str(HERE / "compare.py")],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[list[float | str]] = json.loads(done.stdout)
    return found


def test_they_agree_with_double_precision() -> None:
    """All in one process, which takes torch's import once."""
    cases = [(code, on_cpu.candidate(code, graph_of(code), PLAIN)[0]) for code in PROBLEMS.values()]
    verdicts = dict(zip(PROBLEMS, compared(cases), strict=True))
    assert len(verdicts) == len(PROBLEMS)
    wrong = {
        name: errors
        for name, errors in verdicts.items()
        if not all(isinstance(e, float) and e < 1e-5 for e in errors)
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("name", "kernels", "left"),
    [
        ("gelu, bias, scale", 1, 0),
        ("softmax by hand", 1, 0),
        ("layer_norm, residual", 1, 0),
        ("linear, tail", 1, 1),
        ("channels", 1, 1),
        ("two kernels", 2, 2),
        ("loss", 1, 0),
    ],
)
def test_what_belongs_together_is_one_kernel(name: str, kernels: int, left: int) -> None:
    fused = fusing.fuse(graph_of(PROBLEMS[name]))
    assert (len(fused.kernels), len(fused.program.opaque)) == (kernels, left)


def test_the_largest_kernel_alone_is_right_too() -> None:
    code = PROBLEMS["two kernels"]
    source, note = on_cpu.candidate(code, graph_of(code), LARGEST)
    assert source.count('extern "C"') == 1
    assert "largest" in note
    (errors,) = compared([(code, source)])
    assert all(isinstance(e, float) and e < 1e-5 for e in errors)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (problem("return self.a(x)", "self.a = nn.Linear(width, 4)"), "no operation"),
        (problem("return torch.cumsum(x, 1)"), "no operation"),
        (problem("return torch.sigmoid(x.double())"), "no operation"),
        (problem("return x.add_(1) * torch.exp(x)"), "changes a tensor"),
        (problem("return torch.softmax(x, 0)"), "no operation"),
        (problem("return torch.exp(x), torch.sort(x)", inputs=TWO, names="x, *y"), "any number"),
    ],
)
def test_what_cannot_be_generated_is_said(code: str, why: str) -> None:
    with pytest.raises(Unsupported, match=why):
        on_cpu.candidate(code, graph_of(code), PLAIN)


def test_a_candidate_needs_nothing_of_ours() -> None:
    code = PROBLEMS["softmax"]
    source, _ = on_cpu.candidate(code, graph_of(code), PLAIN)
    assert "kernelgepa" not in source
    assert "get_inputs" not in source
