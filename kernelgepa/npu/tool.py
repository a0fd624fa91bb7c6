"""Running the compiler and the linker, bounded. Inside the confined worker."""

from __future__ import annotations

import resource
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

WALL_SECONDS = 40.0  # for what does not even get the processor


@dataclass(frozen=True)
class Ended:
    """How a tool ended. `late`: it used up its processor time."""

    code: int
    stderr: bytes
    late: bool


def run(command: Sequence[str], seconds: int, cwd: Path | None = None) -> Ended:
    """Runs a tool for at most so much processor time: a busy machine must not change a verdict."""
    before = _used()
    with subprocess.Popen(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # The worker has one thread.
        preexec_fn=partial(  # noqa: PLW1509
            resource.setrlimit, resource.RLIMIT_CPU, (seconds, seconds + 1)
        ),
    ) as tool:
        try:
            _, stderr = tool.communicate(timeout=WALL_SECONDS)
        except subprocess.TimeoutExpired:
            tool.kill()
            tool.communicate()
            return Ended(-signal.SIGKILL, b"", True)
    # The compiler may be a child of the tool, which reports its death as a failure like any other.
    late = tool.returncode != 0 and _used() - before > 0.95 * seconds
    return Ended(tool.returncode, stderr, late)


def _used() -> float:
    """Processor seconds of all tools that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
