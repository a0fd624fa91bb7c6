"""The simulated NPU in this process: real compiles and runs, without the worker around them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from kernelgepa.candidate import Candidate
from kernelgepa.npu.pipeline import execute_here
from kernelgepa.protocols import Case, Execution
from kernelgepa.task import Interface

RECORDS = Path(
    os.environ.get("KERNELGEPA_NPUEVAL") or Path(__file__).parent.parent / "data" / "records.jsonl"
)


class Here:
    """A target without confinement, for the trusted kernels of these tests."""

    name = "npu-sim"

    def versions(self) -> Mapping[str, str]:
        return {}

    def execute(
        self, candidate: Candidate, interface: Interface, cases: Sequence[Case]
    ) -> Execution:
        return execute_here(candidate.source, interface, cases)
