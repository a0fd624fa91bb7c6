"""On a CUDA device; collected only where torch sees one (tests/conftest.py says so elsewhere)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernelgepa.candidate import Candidate
from kernelgepa.measured.judge import ModuleJudge
from kernelgepa.measured.modules import TorchAdapter
from kernelgepa.sandbox import Choice, open_sandbox
from kernelgepa.verdict import Verdict
from tests.measured.problems import GATE, INTEGERS, seed, task

LARGE = GATE.replace("n = 96", "n = 1024").replace("m = 64", "m = 2048")
CALL = "return torch.softmax"


@pytest.fixture(scope="module")
def judge() -> Iterator[ModuleJudge]:
    with open_sandbox(Choice("landlock")) as sandbox:
        made = ModuleJudge(TorchAdapter(), sandbox, "cuda:0", seconds=1.0)
        yield made
        made.close()


def of(judge: ModuleJudge, code: str, source: str) -> Verdict:
    return judge.whole(task(code), Candidate.kernel(source))


def codes(found: Verdict) -> list[str]:
    return [d.code for w in found.workloads for d in w.diagnostics]


def test_the_reference_is_correct_and_no_win(judge: ModuleJudge):
    found = of(judge, LARGE, seed(LARGE))
    timing = found.workloads[0].timing
    assert found.correct and timing is not None
    assert timing.device == "cuda:0" and 1e-6 < timing.seconds < 1e-2
    assert not timing.win and not timing.loss


def test_integers_keep_their_type(judge: ModuleJudge):
    assert of(judge, INTEGERS, seed(INTEGERS)).correct


def test_a_slower_kernel_is_slower(judge: ModuleJudge):
    twice = "self.lin(x); self.lin(x); self.lin(x); self.lin(x); return torch.softmax"
    found = of(judge, LARGE, seed(LARGE).replace(CALL, twice))
    timing = found.workloads[0].timing
    assert found.correct and timing is not None and timing.loss


def test_work_on_another_stream_is_counted(judge: ModuleJudge):
    aside = (
        "side = torch.cuda.Stream()\n"
        "        side.wait_stream(torch.cuda.current_stream())\n"
        "        with torch.cuda.stream(side):\n"
        "            for _ in range(40):\n"
        "                self.lin(x)\n"
        "            return torch.softmax"
    )
    found = of(judge, LARGE, seed(LARGE).replace(CALL, aside))
    timing = found.workloads[0].timing
    assert timing is None or timing.loss


def test_half_precision_is_not_taken(judge: ModuleJudge):
    half = "self.lin(x)", "(x.half() @ self.lin.weight.half().T + self.lin.bias.half()).float()"
    assert "precision" in codes(of(judge, LARGE, seed(LARGE).replace(*half)))


def test_tf32_is_not_taken(judge: ModuleJudge):
    changed = "torch.backends.cuda.matmul.allow_tf32 = True; return torch.softmax"
    found = of(judge, LARGE, seed(LARGE).replace(CALL, changed))
    assert {"policy-precision", "precision"} & set(codes(found))


def test_kernels_are_named_with_their_share_and_why_by_this_tool():
    """By ncu where it may read the counters, else by torch's profiler, and the reason is said."""
    with open_sandbox(Choice("landlock")) as sandbox:
        made = ModuleJudge(TorchAdapter(), sandbox, "cuda:0", seconds=0.5, profile="full")
        profile = of(made, LARGE, seed(LARGE)).workloads[0].time_profile
        made.close()
    assert profile is not None and profile.tool in ("ncu", "torch.profiler")
    assert profile.tool == "ncu" or profile.reason.startswith("ncu ")
    assert len(profile.rows) >= 2 and profile.rows[0].share > 0.2
    assert any(row.grid and row.block and row.figures.get("registers") for row in profile.rows)
    assert 1e-6 < profile.seconds < 1e-2
