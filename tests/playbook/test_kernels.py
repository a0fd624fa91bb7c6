"""Kernels of ours in many styles: the first rewrite of each is correct and as fast as it says.

Each file's comment says `at least: N`, the speedup that one of the variants must reach.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernelgepa.candidate import Candidate
from kernelgepa.engine.score import gain
from kernelgepa.judge.judge import KernelJudge
from kernelgepa.judge.secret import Secret
from kernelgepa.npu.target import NpuSim
from kernelgepa.playbook import facts_of
from kernelgepa.playbook.rules import rewrites
from kernelgepa.tasks import load

KERNELS = sorted(Path(__file__).with_name("kernels").glob("*.cc"))
TRIED = 4


@pytest.fixture(scope="module")
def judge() -> Iterator[KernelJudge]:
    with NpuSim(1) as target:
        yield KernelJudge(target, "strict", Secret.new())


@pytest.mark.parametrize("path", KERNELS, ids=[p.stem for p in KERNELS])
def test_kernel_becomes_faster_and_stays_right(path: Path, judge: KernelJudge) -> None:
    found = re.search(r"at least: ([\d.]+)", path.read_text())
    assert found is not None
    task = load(str(path), "canonical")
    source = task.seeds["canonical"]
    seed = judge.judge(task, Candidate.kernel(source))
    best = 1.0
    for number, made in enumerate(rewrites(source, source, facts_of(task))):
        if number == TRIED or best >= float(found[1]):
            break
        verdict = judge.judge(task, Candidate.kernel(made.source))
        exact = made.rule in ("vectorise", "vectorise-guarded", "restrict")
        assert verdict.correct or not exact, made.source
        best = max(best, gain(seed, verdict))
    assert best >= float(found[1])


def test_there_are_kernels() -> None:
    assert len(KERNELS) >= 60
