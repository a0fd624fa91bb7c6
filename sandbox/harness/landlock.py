"""Landlock through ctypes: path, network and scope rules, for every ABI up to the kernel's own.

Constants: linux/landlock.h; the same system call numbers on x86_64 and aarch64.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterable
from dataclasses import dataclass

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
REMOVE_DIR = 1 << 4
REMOVE_FILE = 1 << 5
MAKE_DIR = 1 << 7
MAKE_REG = 1 << 8
MAKE_SYM = 1 << 12
REFER = 1 << 13  # ABI 2
TRUNCATE = 1 << 14  # ABI 3
IOCTL_DEV = 1 << 15  # ABI 5
_FIRST = (1 << 13) - 1
_NET = 0b11  # ABI 4: bind and connect of TCP; no port is ever allowed
_SCOPES = 0b11  # ABI 6: abstract sockets and signals stay inside

READ = READ_FILE | READ_DIR | EXECUTE
WRITE = (
    READ_FILE
    | READ_DIR
    | WRITE_FILE
    | REMOVE_DIR
    | REMOVE_FILE
    | MAKE_DIR
    | MAKE_REG
    | MAKE_SYM
    | REFER
    | TRUNCATE
)
_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV


@dataclass(frozen=True)
class PathRule:
    path: str
    access: int


_libc = ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: object) -> int:
    result: int = _libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def abi() -> int:
    """The running kernel's Landlock ABI; 0 where there is none or it is off."""
    try:
        return _call(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG))
    except OSError:
        return 0


def handled(version: int) -> tuple[int, int, int]:
    """(file system, network, scope) rights an ABI version can withhold."""
    files = _FIRST
    files |= REFER if version >= 2 else 0
    files |= TRUNCATE if version >= 3 else 0
    files |= IOCTL_DEV if version >= 5 else 0
    return files, _NET if version >= 4 else 0, _SCOPES if version >= 6 else 0


def restrict(rules: Iterable[PathRule]) -> int:
    """Restricts this thread to `rules`; needs no_new_privs. Returns the ABI used, 0 for none.

    A path that does not exist is left out. Raises OSError where the kernel refuses.
    """
    version = abi()
    if version == 0:
        return 0
    files, network, scopes = handled(version)
    attribute = struct.pack("=QQQ", files, network, scopes)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _call(_CREATE, attribute[:size], ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for rule in rules:
            _allow(ruleset, rule, files)
        _call(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return version


def _allow(ruleset: int, rule: PathRule, files: int) -> None:
    try:
        opened = os.open(rule.path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return
        raise
    try:
        access = rule.access & files
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            access &= _OF_FILES
        _call(
            _ADD_RULE,
            ctypes.c_int(ruleset),
            ctypes.c_int(_PATH_BENEATH),
            struct.pack("=Qi", access, opened),
            ctypes.c_uint32(0),
        )
    finally:
        os.close(opened)
