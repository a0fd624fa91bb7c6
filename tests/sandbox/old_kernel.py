"""Makes this process see a kernel without certain system calls: they answer ENOSYS."""

from __future__ import annotations

import ctypes
import errno
import struct

LANDLOCK_CREATE_RULESET, OPENAT2 = 444, 437  # the same on x86_64 and aarch64
_LOAD, _JEQ, _RETURN = 0x20, 0x15, 0x06
_ERRNO, _ALLOW = 0x50000, 0x7FFF0000
_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def without(*calls: int) -> None:
    """For good, and for everything started from here. linux/seccomp.h, linux/filter.h."""
    rows = [(_LOAD, 0, 0, 0)]
    for call in calls:
        rows += [(_JEQ, 0, 1, call), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    rows.append((_RETURN, 0, 0, _ALLOW))
    raw = b"".join(struct.pack("=HBBI", *row) for row in rows)
    buffer = ctypes.create_string_buffer(raw, len(raw))
    program = _Program(len(rows), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    for option, first, second in (
        (_NO_NEW_PRIVS, ctypes.c_ulong(1), zero),
        (_SET_SECCOMP, ctypes.c_ulong(_FILTER), ctypes.byref(program)),
    ):
        if libc.prctl(option, first, second, zero, zero):
            raise OSError(ctypes.get_errno(), f"prctl {option}")
