"""One sandbox for all tests; says at the end which tests were not collected, and why."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Iterator

import pytest

from tests.cuda import device, nvcc
from tests.report.browser import found
from tests.sandbox.started import startable

# The same everywhere, without an engine; tests/sandbox tries the others.
os.environ.setdefault("KERNELGEPA_SANDBOX", "landlock")


@pytest.fixture
def own_temporaries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where a test does itself what a worker does, whose folders go with it: they go with this."""
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        monkeypatch.setenv("TMPDIR", folder)
        yield


def pytest_collection_finish() -> None:
    """What thousands of tests are made of stays to the end: no collection need look at it."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not found():
        terminalreporter.write_line(
            "NOT RUN: tests/report/test_browser.py, which opens the report in a browser: no "
            "Chromium was found (apt-get install chromium, or set KERNELGEPA_BROWSER to its path)",
            yellow=True,
        )
    if "docker" not in startable():
        terminalreporter.write_line(
            "NOT RUN: tests/sandbox with containers: no engine answers at DOCKER_HOST, and root "
            "finds no dockerd (apt-get install docker.io)",
            yellow=True,
        )
    if "bwrap" not in startable():
        terminalreporter.write_line(
            "NOT RUN: tests/sandbox with bubblewrap, which does not start here (apt-get install "
            "bubblewrap)",
            yellow=True,
        )
    if not device.found():
        terminalreporter.write_line(
            "NOT RUN: tests/cuda/test_gpu*.py, tests/triton/test_triton_gpu.py and "
            "tests/measured/test_measured_gpu.py, which launch "
            "kernels: there is no CUDA device",
            yellow=True,
        )
    if not nvcc.found():
        terminalreporter.write_line(
            "NOT RUN: tests/cuda/test_nvcc.py, which compiles exported kernels: no nvcc",
            yellow=True,
        )
