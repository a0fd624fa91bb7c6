"""Handlers that worker pools of the tests run: one behaves, the others do not."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path


def upper(request: bytes) -> bytes:
    return request.upper()


_SEEN: list[bytes] = []


def remember(request: bytes) -> bytes:
    """How many requests this interpreter has seen."""
    _SEEN.append(request)
    return str(len(_SEEN)).encode()


def act(request: bytes) -> bytes:
    """Does what the request names: {"do": name, ...}."""
    asked = json.loads(request)
    return json.dumps(ACTIONS[asked.pop("do")](**asked)).encode()


def _abort() -> None:
    os.abort()


def _spin() -> None:
    while True:
        pass


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


def _hog() -> int:
    return len(bytearray(64 << 30))


def _grow() -> None:
    """Takes memory in many processes, each below its own limit."""
    for _ in range(8):
        if os.fork() == 0:
            kept = b"\1" * (120 << 20)
            time.sleep(30)
            os._exit(len(kept) & 1)
    time.sleep(30)


def _flood() -> None:
    while True:
        os.write(1, b"x" * 65536)


def _fail() -> None:
    raise ValueError("this handler fails")


def _read(path: str) -> str:
    try:
        with Path(path).open(errors="replace") as f:
            return f.read(200)
    except OSError as error:
        return f"refused {error.errno}"


def _write(path: str) -> str:
    try:
        with Path(path).open("w") as f:
            f.write("x")
        return "written"
    except OSError as error:
        return f"refused {error.errno}"


def _kill(pid: int) -> str:
    try:
        os.kill(pid, signal.SIGTERM)
        return "sent"
    except OSError as error:
        return f"refused {error.errno}"


def _facts() -> dict[str, object]:
    return {
        "cwd": str(Path.cwd()),
        "environment": dict(os.environ),
        "pid": os.getpid(),
        "uid": os.getuid(),
        "descriptors": [n for n in range(256) if _is_open(n)],
        "modules": sorted(sys.modules),
    }


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _daemonise() -> int:
    """Leaves a process in a session of its own behind; its pid."""
    out, into = os.pipe()
    if os.fork() == 0:
        os.setsid()
        grandchild = os.fork()
        if grandchild:
            os.write(into, str(grandchild).encode())
            os._exit(0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(1)
    return int(os.read(out, 32))


def _fork_bomb() -> int:
    made = 0
    try:
        while made < 100_000:
            if os.fork() == 0:
                time.sleep(20)
                os._exit(0)
            made += 1
    except OSError:
        return made
    return made


def _many_files() -> str:
    block = b"x" * (1 << 20)
    for number in range(1_000_000):
        with Path(f"f{number}").open("wb") as f:
            f.write(block)
    return "written"


def _big_file() -> str:
    try:
        with Path("big").open("wb") as f:
            for _ in range(1 << 12):
                f.write(b"x" * (1 << 20))
    except OSError as error:
        return f"refused {error.errno}"
    return "written"


def _python(script: str, given: list[str]) -> str:
    """What a script prints; `given` are its arguments."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(script, {"given": given})
    return printed.getvalue()


def _big_answer(size: int) -> str:
    return "x" * size


ACTIONS: dict[str, Callable[..., object]] = {
    "abort": _abort,
    "spin": _spin,
    "sleep": _sleep,
    "hog": _hog,
    "grow": _grow,
    "flood": _flood,
    "fail": _fail,
    "read": _read,
    "write": _write,
    "kill": _kill,
    "facts": _facts,
    "daemonise": _daemonise,
    "fork_bomb": _fork_bomb,
    "many_files": _many_files,
    "big_file": _big_file,
    "python": _python,
    "big_answer": _big_answer,
}
