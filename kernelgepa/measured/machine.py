"""The machine kernels are timed on: its name, its cores, and worker processes on it."""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path

from kernelgepa.errors import InputError
from kernelgepa.measured.outputs import rules
from kernelgepa.measured.seat import ANSWER_BYTES, HANDLER
from kernelgepa.protocols import Limits, Sandbox, Workers

# torch looks there for what the processor can do.
_PROCESSOR = (Path("/proc/cpuinfo"), Path("/sys/devices/system/cpu"))


def cores_used() -> list[int]:
    """All cores this process may use but one, which is left to everything else."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[1:] or allowed


def memory_bytes() -> int:
    """Of the machine, whoever uses it."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@cache
def device_name(device: str) -> str:
    """What a verdict depends on: the processor's model, or the GPU's name with its number."""
    if device == "cpu":
        return f"cpu: {_processor()}"
    try:
        import torch  # noqa: PLC0415

        return f"{device}: {torch.cuda.get_device_name(device)}"
    except (ImportError, RuntimeError, AssertionError) as error:
        raise InputError(f"device {device} cannot be used: {error}") from error


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return platform.machine()
    rows = (row.partition(":") for row in text.splitlines())
    return next((v.strip() for k, _, v in rows if k.strip() == "model name"), platform.machine())


def workers(sandbox: Sandbox, target: str, device: str) -> Workers:
    """Workers that have imported torch."""
    memory = min(64 << 30, memory_bytes() // 2)
    limits = Limits(
        wall_seconds=float(rules()["limits"]["seconds"]), cpu_seconds=3600.0,
        memory_bytes=memory, file_bytes=1 << 30, processes=128,
    )  # fmt: skip
    environment = {"MAX_JOBS": "2"}
    if target == "triton" and device == "cpu":
        environment["TRITON_INTERPRET"] = "1"
    return sandbox.workers(
        HANDLER, 12, tuple(p for p in _PROCESSOR if p.exists()), limits, ANSWER_BYTES,
        devices=() if device == "cpu" else (device,), environment=environment,
        programs=True,
    )  # fmt: skip
