"""Accelerators by name, and the lock that gives one to one job at a time."""

from __future__ import annotations

import fcntl
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kernelgepa.errors import InfrastructureError

_NAME = re.compile(r"(cuda|npu):(\d{1,3})")
_NODE = re.compile(r"/dev(/[\w-]+)+")


def parse(name: str) -> tuple[str, int] | Path:
    """("cuda", 0) of "cuda:0", or the path of a device file. Raises InfrastructureError."""
    found = _NAME.fullmatch(name)
    if found:
        return found[1], int(found[2])
    if _NODE.fullmatch(name):
        return Path(name)
    raise InfrastructureError(
        f"no device {name!r}; devices are named cuda:0 or npu:0, or by a path below /dev"
    )


def paths(name: str) -> tuple[Path, ...]:
    """The device files a job needs for it: NVIDIA's driver, amdxdna's accelerator nodes."""
    found = parse(name)
    if isinstance(found, Path):
        return (found,)
    kind, number = found
    if kind == "npu":
        return (Path(f"/dev/accel/accel{number}"),)
    shared = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools")
    return tuple(Path("/dev") / part for part in (f"nvidia{number}", *shared))


def lock_file(name: str) -> Path:
    """Whose lock is the device's; the same for all users of this machine."""
    parse(name)
    plain = name.strip("/").replace(":", "-").replace("/", "-")
    return Path(tempfile.gettempdir()) / f"kernelgepa-{plain}.lock"


@contextmanager
def held(name: str) -> Iterator[None]:
    """Waits until nobody else has the device; other processes of any user wait for us.

    The kernel releases it when the holder ends, however it ends.
    """
    path = lock_file(name)
    try:
        opened = _open(path)
    except OSError as error:
        raise InfrastructureError(f"cannot open {path}, the lock of {name}: {error}") from error
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _open(path: Path) -> int:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    try:  # another user's file must not be opened with O_CREAT (fs.protected_regular)
        return os.open(path, flags)
    except FileNotFoundError:
        return os.open(path, flags | os.O_CREAT, 0o644)
