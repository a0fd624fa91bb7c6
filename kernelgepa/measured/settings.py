"""Settings of the whole process that change what others compute, or how fast. In the worker."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Callable, Mapping
from typing import Any

_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1  # malloc.h


def steady_memory() -> None:
    """Blocks of up to 32 MiB stay with the process from the start, as glibc has it in the end: else
    page faults make one process half again as slow as another that once freed larger ones."""
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP_THRESHOLD, 32 << 20)
        libc.mallopt(_TRIM_THRESHOLD, 1 << 30)


def tf32(allowed: bool) -> None:
    """Of all libraries."""
    import torch  # noqa: PLC0415

    torch.set_float32_matmul_precision("high" if allowed else "highest")
    torch.backends.cuda.matmul.allow_tf32 = allowed
    torch.backends.cudnn.allow_tf32 = allowed


def taken() -> Mapping[str, Any]:
    """As they are, by the names that a verdict gives them."""
    import torch  # noqa: PLC0415

    asked: Mapping[str, Callable[[], Any]] = {
        "matmul TF32": lambda: torch.backends.cuda.matmul.allow_tf32,
        "cuDNN TF32": lambda: torch.backends.cudnn.allow_tf32,
        "cuDNN benchmark": lambda: torch.backends.cudnn.benchmark,
        "float32 matmul precision": torch.get_float32_matmul_precision,
        "default dtype": torch.get_default_dtype,
        "number of threads": torch.get_num_threads,
        "deterministic algorithms": torch.are_deterministic_algorithms_enabled,
        "cores to run on": lambda: os.sched_getaffinity(0),
    }
    return {name: _value(ask) for name, ask in asked.items()}


def _value(ask: Callable[[], Any]) -> Any:
    """Torch does not tell of a setting that has been made by its old and new names, and differs."""
    try:
        return ask()
    except RuntimeError:
        return None


def changed(before: Mapping[str, Any]) -> list[str]:
    """Names of those that are not as they were."""
    return [name for name, value in taken().items() if value != before[name]]
