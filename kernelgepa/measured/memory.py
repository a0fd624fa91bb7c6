"""How a worker's process holds memory."""

from __future__ import annotations

import contextlib
import ctypes

_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1  # malloc.h


def steady() -> None:
    """Blocks of up to 32 MiB stay with the process from the start, as glibc has it in the end: else
    page faults make one process half again as slow as another that once freed larger ones."""
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_THRESHOLD, 32 << 20)
        libc.mallopt(_TRIM_THRESHOLD, 1 << 30)
