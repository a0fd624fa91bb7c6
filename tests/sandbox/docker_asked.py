"""What the tests of the container ask it, and how."""

from __future__ import annotations

import json
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kernelgepa.protocols import Limits
from kernelgepa.sandbox import harness
from kernelgepa.sandbox.wall import Needs, Zygote

HERE = Path(__file__).resolve().parent
LIMITS = Limits(
    wall_seconds=5.0,
    cpu_seconds=4.0,
    memory_bytes=400 << 20,
    output_bytes=1 << 16,
    file_bytes=4 << 20,
    processes=16,
)
ANSWER_BYTES = 8 << 20
MOST = ANSWER_BYTES + (1 << 16)


def needs(handler: str = "sandbox_handlers:act", devices: tuple[str, ...] = ()) -> Needs:
    readable = (HERE, *harness.interpreter_paths())
    config = {
        "handler": handler,
        "sys_path": [str(HERE), *(p for p in sys.path if p and Path(p).is_absolute())],
        "readable": [str(p) for p in readable],
        "limits": asdict(LIMITS),
        "answer_bytes": ANSWER_BYTES,
    }
    return Needs(config, readable, LIMITS, 2, devices)


def of_owner(api: Any, pid: int, every: bool = True) -> list[str]:
    """Containers that a process started."""
    found = api.containers(all=every, filters={"label": "kernelgepa=1"})
    return [c["Id"] for c in found if c["Labels"]["kernelgepa.owner"].startswith(f"{pid}:")]


def converse(zygote: Zygote, request: bytes) -> tuple[dict[str, Any], bytes]:
    answer = zygote.ask(request, 30.0, MOST)
    (size,) = struct.unpack_from("!I", answer)
    return json.loads(answer[4 : 4 + size]), answer[4 + size :]


def ask(zygote: Zygote, action: str, **arguments: object) -> tuple[dict[str, Any], bytes]:
    return converse(zygote, json.dumps({"do": action, **arguments}).encode())


def told(zygote: Zygote, action: str, **arguments: object) -> Any:
    head, payload = ask(zygote, action, **arguments)
    assert head["status"] == "ok", head
    return json.loads(payload)


def inside(api: Any, container: str, script: str, *given: str) -> Any:
    """What a script prints as JSON that is in the container but not confined any further."""
    command = [sys.executable, "-c", script, *given]
    made = api.exec_create(container, command, stdout=True, stderr=True, user="65534:65534")
    out = api.exec_start(made["Id"])
    assert api.exec_inspect(made["Id"])["ExitCode"] == 0, out
    return json.loads(out)


def within(seconds: float, reached: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
