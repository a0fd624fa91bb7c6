"""A build worker and a worker that interprets, for all tests of the target triton."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernelgepa.protocols import Workers
from kernelgepa.sandbox import open_sandbox
from kernelgepa.sandbox.walled import WalledSandbox
from kernelgepa.triton.adapter import LIMITS, TritonAdapter
from tests.cuda.device import found

# Launches kernels on a device; tests/conftest.py says so where there is none.
collect_ignore = [] if found() else ["test_triton_gpu.py"]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[WalledSandbox]:
    with open_sandbox() as opened:
        yield opened


@pytest.fixture(scope="session")
def adapter(sandbox: WalledSandbox) -> Iterator[TritonAdapter]:
    made = TritonAdapter(sandbox)
    yield made
    made.close()


@pytest.fixture(scope="session")
def interpreted(sandbox: WalledSandbox) -> Workers:
    return sandbox.workers("triton_handlers:judge", limits=LIMITS)
