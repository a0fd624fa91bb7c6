"""Which device kernels are timed on where none is named. Does not import torch."""

from __future__ import annotations

import ctypes.util
from functools import cache
from pathlib import Path


@cache
def default() -> str:
    """The first GPU that a driver offers, else the CPU."""
    there = Path("/dev/nvidia0").exists() or Path("/dev/dxg").exists()
    return "cuda:0" if there and _driver() else "cpu"


def missing(device: str) -> str:
    """Why a device cannot be here, in words; "" where it may be."""
    if device == "cpu" or _driver() or Path("/dev/kfd").exists():
        return ""
    return "there is no GPU here, as no driver of one was found"


@cache
def _driver() -> bool:
    """Whether the CUDA driver's library can be loaded."""
    for name in ("libcuda.so.1", ctypes.util.find_library("cuda")):
        if name:
            try:
                ctypes.CDLL(name)
            except OSError:
                continue
            return True
    return False
