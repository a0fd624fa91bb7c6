"""What needs a device is collected where there is one; tests/conftest.py says so elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernelgepa.candidate import Candidate
from kernelgepa.measured.judge import ModuleJudge
from kernelgepa.measured.modules import TorchAdapter
from kernelgepa.sandbox import Choice, open_sandbox
from tests.cuda.device import found
from tests.measured.problems import Judged, task

collect_ignore = [] if found() else ["test_measured_gpu.py"]


@pytest.fixture(scope="package")
def judge() -> Iterator[ModuleJudge]:
    with open_sandbox(Choice("landlock")) as sandbox:
        made = ModuleJudge(TorchAdapter(), sandbox, "cpu", seconds=0.1)
        yield made
        made.close()


@pytest.fixture
def of(judge: ModuleJudge) -> Judged:
    return lambda code, source: judge.whole(task(code), Candidate.kernel(source))
