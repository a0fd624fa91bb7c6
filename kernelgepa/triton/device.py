"""Which CUDA devices there are, asked of the driver itself: torch takes seconds to import."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache

_MAJOR, _MINOR = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_...


@cache
def capability(device: str) -> int | None:
    """Compute capability of "cuda:N", as in 90; None where there is no such device."""
    index = device.partition(":")[2] or "0"
    if not device.startswith("cuda") or not index.isdecimal():
        return None
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return None
    handle, found = ctypes.c_int(), [ctypes.c_int(), ctypes.c_int()]
    calls: list[Callable[[], int]] = [
        lambda: driver.cuInit(0),
        lambda: driver.cuDeviceGet(ctypes.byref(handle), int(index)),
        lambda: driver.cuDeviceGetAttribute(ctypes.byref(found[0]), _MAJOR, handle),
        lambda: driver.cuDeviceGetAttribute(ctypes.byref(found[1]), _MINOR, handle),
    ]
    if any(call() for call in calls):
        return None
    return found[0].value * 10 + found[1].value
