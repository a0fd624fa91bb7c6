"""The real target with its confined worker, one for a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from judging import Evaluate

from kernelgepa.npu.target import NpuSim


@pytest.fixture(scope="session")
def target() -> Iterator[NpuSim]:
    with NpuSim() as made:
        yield made


@pytest.fixture(scope="session")
def evaluate(target: NpuSim) -> Evaluate:
    return Evaluate(target)
