"""What is asked of the CUDA driver beside launches: whether there is a device, and which."""

from __future__ import annotations

from typing import Any


class CudaError(RuntimeError):
    """A call of the driver that failed: what was tried, and the error's name."""


def bindings() -> Any:
    """cuda.bindings.driver. Raises CudaError where it is missing."""
    try:
        from cuda.bindings import driver  # noqa: PLC0415
    except ImportError as error:
        raise CudaError("cuda-python is not installed") from error
    return driver


def check(driver: Any, result: Any, what: str) -> Any:
    """The values of a call's answer, without its status. Raises CudaError."""
    status, *values = result
    if int(status):
        raise CudaError(f"{what}: {said(driver, status)}")
    return values[0] if len(values) == 1 else tuple(values)


def said(driver: Any, status: Any) -> str:
    """The name of an error and what the driver says of it."""
    parts = []
    for ask in (driver.cuGetErrorName, driver.cuGetErrorString):
        failed, text = ask(status)
        if not int(failed) and text:
            parts.append(text.decode())
    return ": ".join(parts) or str(status)


def capability(device: str) -> int | None:
    """Compute capability of "cuda:N" as in 90, or None where there is no such device."""
    if not device.startswith("cuda"):
        return None
    index = int(device.partition(":")[2] or 0)
    try:
        driver = bindings()
        check(driver, driver.cuInit(0), "cuInit")
        number = check(driver, driver.cuDeviceGet(index), f"device {index}")
        kinds = driver.CUdevice_attribute
        major, minor = (
            check(driver, driver.cuDeviceGetAttribute(kind, number), "compute capability")
            for kind in (
                kinds.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR,
                kinds.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR,
            )
        )
    except RuntimeError:  # also what the bindings raise where there is no driver
        return None
    return int(major) * 10 + int(minor)
