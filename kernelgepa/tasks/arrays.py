"""numpy arrays of the element types kernels have."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


def dtype(name: str) -> np.dtype[Any]:
    """numpy dtype of an element type; bfloat16 through ml_dtypes."""
    return np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)


def is_float(name: str) -> bool:
    return name in ("bfloat16", "float32")


def from_bytes(raw: bytes, name: str, shape: tuple[int, ...]) -> Array:
    """Array of raw little-endian bytes; () is one element."""
    return np.frombuffer(raw, dtype=dtype(name)).reshape(shape)


def limits(name: str) -> tuple[int, int]:
    """Least and greatest value of an integer type."""
    info = np.iinfo(dtype(name))
    return int(info.min), int(info.max)
