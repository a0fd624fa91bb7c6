"""What needs a device is collected where there is one; tests/conftest.py says so elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernelgepa.cuda.adapter import CudaAdapter
from kernelgepa.cuda.compile import Compiler
from tests.cuda import device, nvcc

collect_ignore = [
    *([] if device.found() else ["test_gpu.py"]),
    *([] if device.found() and nvcc.found() else ["test_gpu_export.py"]),
    *([] if nvcc.found() else ["test_nvcc.py"]),
]


@pytest.fixture(scope="session")
def compiler() -> Iterator[Compiler]:
    with Compiler() as made:
        yield made


@pytest.fixture(scope="session")
def adapter() -> Iterator[CudaAdapter]:
    made = CudaAdapter()
    yield made
    made.close()
