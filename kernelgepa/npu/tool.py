"""Running the compiler and the linker, bounded. Inside the confined worker."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WALL_SECONDS = 40.0  # for what does not even get the processor
LOOK_SECONDS = 0.5  # how often a tool that runs on is looked at


@dataclass(frozen=True)
class Ended:
    """How a tool ended. `late`: it used up its processor time."""

    code: int
    stderr: bytes
    late: bool


def run(command: Sequence[str], seconds: float, cwd: Path | None = None) -> Ended:
    """Runs a tool for at most so much processor time: a busy machine must not change a verdict."""
    begin = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as tool:
        while True:
            try:
                _, stderr = tool.communicate(timeout=LOOK_SECONDS)
                return Ended(tool.returncode, stderr, False)
            except subprocess.TimeoutExpired:
                spent = time.monotonic() - begin
                if _processor_seconds(tool.pid) > seconds or spent > WALL_SECONDS:
                    tool.kill()
                    tool.communicate()
                    return Ended(tool.returncode, b"", True)


def _processor_seconds(pid: int) -> float:
    """Of a child that has not been waited for; its clock's number is made as clock_getcpuclockid
    makes it. A limit set before it begins would cost a copy of this process's page tables."""
    return time.clock_gettime((~pid << 3) | 2)
