"""What devices can do at most: GPUs by name, from their data sheets, and the CPU this runs on.

For the floor of `roofline.py` these must be limits that nothing exceeds, hence the highest clock,
and for float32 and float64 the speed of tensor cores in TF32, since sums of products of shorter
numbers can be as exact as a longer product. Sparse figures do not count.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from kernelgepa.measured.roofline import Peaks

_TERA = 1e12


@dataclass(frozen=True)
class _Gpu:
    """Dense peaks in TFLOP/s, memory in TB/s, L2 in MB, multiprocessors and boost clock in GHz."""

    pattern: str
    tf32: float
    half: float
    byte: float  # fp8 and int8
    memory: float
    l2: float
    units: int
    clock: float


# The first pattern that matches counts. Sources are NVIDIA's: the Blackwell architecture technical
# brief (B200), the data sheets of H100, H200, A100, L40S, L4, A10, T4 and V100, the architecture
# papers of Ada (RTX 4090) and Ampere GA102 (RTX 3090). Where a sheet gives a figure with sparsity
# only, half of it. Where there is no TF32 (T4, V100), or it is below a third of half precision,
# its column bounds what sums of half products can do.
_GPUS = (
    _Gpu(r"B200\b", 1250, 2500, 5000, 8.0, 192, 148, 1.97),
    _Gpu(r"H200\b", 495, 990, 1979, 4.8, 50, 132, 1.98),
    _Gpu(r"H100.*PCIe", 378, 756, 1513, 2.04, 50, 114, 1.76),
    _Gpu(r"H100.*NVL", 418, 836, 1671, 3.94, 50, 132, 1.79),
    _Gpu(r"H100\b", 495, 990, 1979, 3.36, 50, 132, 1.98),
    _Gpu(r"A100.*80G", 156, 312, 624, 2.04, 40, 108, 1.41),
    _Gpu(r"A100\b", 156, 312, 624, 1.56, 40, 108, 1.41),
    _Gpu(r"L40S\b", 183, 366, 733, 0.864, 96, 142, 2.52),
    _Gpu(r"L4\b", 60, 121, 242, 0.30, 48, 58, 2.04),
    _Gpu(r"A10G?\b", 70, 140, 280, 0.60, 6, 80, 1.71),
    _Gpu(r"T4\b", 65, 65, 130, 0.32, 4, 40, 1.59),
    _Gpu(r"V100", 130, 130, 130, 1.134, 6, 84, 1.60),
    _Gpu(r"RTX 4090", 110, 330, 661, 1.008, 72, 128, 2.52),
    _Gpu(r"RTX 3090", 80, 160, 320, 1.008, 6, 84, 1.86),
)
HEADROOM = 1.25  # cards are sold with higher clocks than their data sheets say


def of_gpu(name: str) -> Peaks | None:
    """By the name a driver gives the device; None where it is not known: there is no floor then."""
    for gpu in _GPUS:
        if re.search(rf"\b{gpu.pattern}", name, re.IGNORECASE):
            half, byte = (n * _TERA * HEADROOM for n in (gpu.half, gpu.byte))
            tf32 = gpu.tf32 * _TERA * HEADROOM
            return Peaks(
                device=name,
                flops={"float64": tf32, "float32": tf32, "float16": half, "bfloat16": half,
                       "int8": byte, "uint8": byte},
                memory=gpu.memory * _TERA * HEADROOM,
                cache=gpu.l2 * 2.0**20,
                # A multiprocessor takes at most 64 bytes a cycle from L2.
                cache_speed=gpu.units * gpu.clock * 64e9 * HEADROOM,
            )  # fmt: skip
    return None


def of_cpu() -> Peaks:
    """Of the machine this runs on, from /proc and /sys; more where they do not say."""
    flags = _flags(Path("/proc/cpuinfo"))
    # Two fused multiply-adds a cycle of 512 bits; 16 times as many in tiles of bfloat16 (AMX), of
    # which three make a product nearly as exact as that of float32.
    tiles = "amx_bf16" in flags
    cores, clock = os.cpu_count() or 1, _clock(Path("/sys/devices/system/cpu/cpu0/cpufreq"))
    cycles = cores * clock
    half = 2048.0 if tiles else 256.0
    return Peaks(
        device=f"CPU with {cores} cores",
        flops={"float64": 64 * cycles, "float32": cycles * (half / 3 if tiles else 64.0),
               "bfloat16": cycles * half, "float16": cycles * half, "int8": cycles * 2 * half},
        memory=float("inf"),  # all may be in a cache of unknown size: cache_speed is the limit
        cache=0.0,
        cache_speed=cycles * 192,  # two loads and a store of 64 bytes a cycle
    )  # fmt: skip


def _clock(folder: Path) -> float:
    """Cycles a second at most. A virtual machine does not say: no processor is above 7 GHz."""
    try:
        return float((folder / "cpuinfo_max_freq").read_text()) * 1e3 * 1.05
    except (OSError, ValueError):
        return 7e9


def _flags(file: Path) -> frozenset[str]:
    try:
        found = re.search(r"^flags\s*:(.*)$", file.read_text(), re.MULTILINE)
    except OSError:
        return frozenset()
    return frozenset(found[1].split()) if found else frozenset()
