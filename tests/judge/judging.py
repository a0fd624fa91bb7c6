"""The judge as `kernelgepa evaluate` has it, and the records it is tried on."""

from __future__ import annotations

import os
from pathlib import Path

from kernelgepa.candidate import Candidate
from kernelgepa.judge.judge import KernelJudge
from kernelgepa.npu.target import NpuSim
from kernelgepa.task import Task
from kernelgepa.verdict import Verdict

RECORDS = Path(
    os.environ.get("KERNELGEPA_NPUEVAL") or Path(__file__).parent.parent / "data" / "records.jsonl"
)


class Evaluate:
    """Judges under one secret for all tests of a process: an oracle is proven once."""

    def __init__(self, target: NpuSim) -> None:
        self._judge = KernelJudge(target)

    def __call__(self, task: Task, source: str) -> Verdict:
        return self._judge.whole(task, Candidate.kernel(source))
