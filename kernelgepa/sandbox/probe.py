"""Finds out what a sandbox keeps, by running a job that tries to break out of it."""

from __future__ import annotations

import json
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kernelgepa.errors import InfrastructureError
from kernelgepa.home import home
from kernelgepa.protocols import Limits, SandboxJob, SandboxOutcome
from kernelgepa.sandbox import harness
from kernelgepa.sandbox.strict_json import loads

# guarantee -> what untrusted code could do without it
GUARANTEES: Mapping[str, str] = {
    "filesystem": "read or write your files",
    "network": "reach the network",
    "processes": "signal your other processes",
    "memory": "take more memory than allowed",
    "disk": "fill the disk",
    "syscalls": "use kernel interfaces that should be closed",
    "environment": "see your environment variables",
}
# Variables every job has, with values that are not the user's.
_OURS = frozenset({
    "PATH", "HOME", "LANG", "LC_CTYPE", "TMPDIR", "XDG_CACHE_HOME", "ZIG_GLOBAL_CACHE_DIR",
    "ZIG_LOCAL_CACHE_DIR", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
})  # fmt: skip
_LIMITS = Limits(wall_seconds=10, cpu_seconds=5, memory_bytes=1 << 29, file_bytes=1 << 20)

# Runs inside. Each entry of the answer is true where the attempt was refused.
_PROBE = """
import ctypes, json, os, socket, sys
given = json.load(sys.stdin)
def refused(act):
    try:
        act()
    except (OSError, MemoryError):
        return True
    return False
def connect(family, address):
    with socket.socket(family) as s:
        s.settimeout(2)
        s.connect(address)
def forbidden(numbers):
    libc = ctypes.CDLL(None, use_errno=True)
    for number in numbers:
        ctypes.set_errno(0)
        if libc.syscall(ctypes.c_long(number), -1, 0, 0, 0, 0) >= 0:
            return False
        if ctypes.get_errno() not in (1, 38):
            return False
    return bool(numbers)
print(json.dumps({
    "filesystem": all([
        refused(lambda: open(given["secret_file"]).read()),
        refused(lambda: open(given["target_file"], "w").close()),
        refused(lambda: os.listdir(given["home"])),
        refused(lambda: os.chmod(given["secret_file"], 0)),
    ]),
    "network": all([
        refused(lambda: connect(socket.AF_INET, ("127.0.0.1", given["port"]))),
        refused(lambda: connect(socket.AF_UNIX, given["abstract"])),
    ]),
    "processes": refused(lambda: os.kill(given["pid"], 0)),
    "syscalls": forbidden(given["calls"]),
    "environment": not set(given["names"]) & set(os.environ) and refused(
        lambda: open("/proc/%d/environ" % given["pid"], "rb").read()),
}))
"""
# Each ends with 0 where it got what it tried for.
_HOG = "held = bytearray(700 << 20)"
_FILL = """
import time
for number in range(40):
    with open(f"file{number}", "wb") as file:
        file.write(bytes(1 << 20))
    time.sleep(0.01)
"""
# ptrace, keyctl, bpf, io_uring_setup: numbers per machine
_CALLS: Mapping[str, tuple[int, ...]] = {
    "x86_64": (101, 250, 321, 425),
    "aarch64": (117, 219, 280, 425),
}


def measure(run: Callable[[SandboxJob], SandboxOutcome]) -> Mapping[str, bool]:
    """Guarantee -> whether it holds in the sandbox behind `run`. Raises InfrastructureError."""
    with _bait() as given:
        outcome = run(_job(_PROBE, json.dumps(given).encode()))
    if outcome.status != "ok":
        raise InfrastructureError(
            f"the sandbox's probe ended with {outcome.status}: "
            + outcome.stderr.decode("utf-8", "replace")[-500:]
        )
    found = loads(outcome.stdout, max_bytes=1 << 16)
    held = {name: found.get(name) is True for name in GUARANTEES}
    held["memory"] = run(_job(_HOG)).exit_code != 0
    held["disk"] = run(_job(_FILL)).exit_code != 0
    return held


def _job(script: str, stdin: bytes = b"") -> SandboxJob:
    python = Path(sys.executable).resolve()
    return SandboxJob(
        argv=("", "-I", "-S", "-c", script),  # behind the wall it may be another interpreter
        stdin=stdin,
        readable=(python, *harness.interpreter_paths()),
        limits=_LIMITS,
    )


@contextmanager
def _bait() -> Iterator[dict[str, object]]:
    """Things worth stealing: a file, a directory, a listening port, a process, a variable."""
    with (
        tempfile.TemporaryDirectory(prefix="kernelgepa-probe-") as folder,
        socket.socket(socket.AF_INET) as tcp,
        socket.socket(socket.AF_UNIX) as local,
    ):
        secret = Path(folder) / "secret"
        secret.write_text(secrets.token_hex(16))
        tcp.bind(("127.0.0.1", 0))
        tcp.listen(1)
        abstract = f"\0kernelgepa-{secrets.token_hex(8)}"
        local.bind(abstract)
        local.listen(1)
        yield {
            "secret_file": str(secret),
            "target_file": str(Path(folder) / "planted"),
            "home": home(),
            "port": tcp.getsockname()[1],
            "abstract": abstract,
            "pid": os.getpid(),
            "calls": _CALLS.get(os.uname().machine, ()),
            "names": sorted(set(os.environ) - _OURS),
        }
