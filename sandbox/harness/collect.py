"""Takes declared files out of a directory that untrusted code could write.

A name is opened beneath the directory without following any link; only a regular file with one
link is read, and never more than the declared size. Nothing is unpickled, imported or unpacked.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_OPENAT2 = 437  # on x86_64 and aarch64; linux/openat2.h
_NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x02, 0x04, 0x08
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW


@dataclass(frozen=True)
class Collected:
    """Contents of the files that could be taken, and why the others could not."""

    files: Mapping[str, bytes]
    refused: Mapping[str, str]


class Refused(Exception):
    """A declared file is not what it must be; the message says how."""


def collect(directory: Path | int, wanted: Mapping[str, int]) -> Collected:
    """Reads `wanted` (name -> most bytes) from `directory`.

    A descriptor opened before untrusted code ran is the safer `directory`: what has its name by now
    may be another.
    """
    files: dict[str, bytes] = {}
    refused: dict[str, str] = {}
    root = os.dup(directory) if isinstance(directory, int) else hold(directory)
    try:
        for name, most in sorted(wanted.items()):
            try:
                files[name] = _read(root, name, most)
            except Refused as reason:
                refused[name] = str(reason)
    finally:
        os.close(root)
    return Collected(files, refused)


def hold(directory: Path) -> int:
    """A descriptor of a directory, whatever becomes of its name."""
    return os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)


def _read(root: int, name: str, most: int) -> bytes:
    try:
        opened = _open_beneath(root, name)
    except OSError as error:
        raise Refused(_reason(error)) from error
    try:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode):
            raise Refused("not a regular file")
        if found.st_nlink != 1:
            raise Refused(f"a file with {found.st_nlink} names")
        if found.st_size > most:
            raise Refused(f"{found.st_size} bytes, at most {most} are taken")
        with os.fdopen(opened, "rb", closefd=False) as file:
            data = file.read(most + 1)
    finally:
        os.close(opened)
    if len(data) > most:
        raise Refused(f"more than {most} bytes")
    return data


def _reason(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "not written"
    if error.errno == errno.ELOOP:
        return "a link"
    if error.errno == errno.EXDEV:
        return "a name that leads outside"
    return os.strerror(error.errno or 0)


def _open_beneath(root: int, name: str) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    how = struct.pack("=QQQ", _FLAGS, 0, _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH)
    opened: int = libc.syscall(
        ctypes.c_long(_OPENAT2),
        ctypes.c_int(root),
        os.fsencode(name),
        how,
        ctypes.c_size_t(len(how)),
    )
    if opened >= 0:
        return opened
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EPERM):
        return _open_step_by_step(root, name)
    raise OSError(code, os.strerror(code))


def _open_step_by_step(root: int, name: str) -> int:
    """The same for kernels before 5.6: one component at a time, following nothing."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
    current = os.dup(root)
    try:
        for part in parts[:-1]:
            flags = os.O_PATH | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
            deeper = os.open(part, flags, dir_fd=current)
            os.close(current)
            current = deeper
        return os.open(parts[-1], _FLAGS, dir_fd=current)
    finally:
        os.close(current)
