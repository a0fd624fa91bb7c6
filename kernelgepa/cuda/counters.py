"""Static counters: what ptxas says of each kernel, and how many warps an SM then holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_ENTRY = re.compile(r"Compiling entry function '(?P<name>[^']+)'")
_FRAME = re.compile(
    r"(?P<stack>\d+) bytes stack frame, (?P<stores>\d+) bytes spill stores, "
    r"(?P<loads>\d+) bytes spill loads"
)
_USED = re.compile(r"Used (?P<registers>\d+) registers")
_SHARED = re.compile(r"(?P<shared>\d+) bytes smem")
_WARP, _REGISTERS = 32, 65536
BLOCK_THREADS = 1024
_BLOCK_SHARED = 1024  # of each block, taken by the system, from 8.0 on
_STEP_SHARED = 128  # in which shared memory is given to a block


@dataclass(frozen=True)
class Usage:
    """What one kernel takes; bytes, and registers of a thread."""

    registers: int
    shared: int
    stack: int
    spill_stores: int
    spill_loads: int


@dataclass(frozen=True)
class Multiprocessor:
    """What one SM has (CUDA programming guide, technical specifications)."""

    warps: int
    blocks: int
    shared: int
    block_shared: int  # the most one block may have


_KIB = 1024
# Compute capability 8.0 to 12.1; others have no occupancy here.
SMS: Mapping[int, Multiprocessor] = {
    75: Multiprocessor(32, 16, 64 * _KIB, 64 * _KIB),
    80: Multiprocessor(64, 32, 164 * _KIB, 163 * _KIB),
    86: Multiprocessor(48, 16, 100 * _KIB, 99 * _KIB),
    87: Multiprocessor(48, 16, 164 * _KIB, 163 * _KIB),
    89: Multiprocessor(48, 24, 100 * _KIB, 99 * _KIB),
    90: Multiprocessor(64, 32, 228 * _KIB, 227 * _KIB),
    100: Multiprocessor(64, 32, 228 * _KIB, 227 * _KIB),
    103: Multiprocessor(64, 32, 228 * _KIB, 227 * _KIB),
    120: Multiprocessor(48, 24, 100 * _KIB, 99 * _KIB),
}


def usages(log: str) -> Mapping[str, Usage]:
    """Of each entry function, by its name in the cubin."""
    heads = list(_ENTRY.finditer(log))
    found = {}
    ends = [*(h.start() for h in heads), len(log)][1:]
    for head, end in zip(heads, ends, strict=True):
        part = log[head.end() : end]
        used, frame, shared = _USED.search(part), _FRAME.search(part), _SHARED.search(part)
        if used and frame:
            found[head["name"]] = Usage(
                int(used["registers"]),
                int(shared["shared"]) if shared else 0,
                int(frame["stack"]),
                int(frame["stores"]),
                int(frame["loads"]),
            )
    return found


def occupancy(usage: Usage, threads: int, dynamic: int, arch: int) -> float | None:
    """Resident warps as a share of what an SM holds; None where the device is not in the table.

    0.0 where not even one block fits.
    """
    sm = SMS.get(arch)
    if sm is None or threads < 1:
        return None
    warps = -(-threads // _WARP)
    shared = usage.shared + dynamic
    if shared > sm.block_shared or threads > BLOCK_THREADS:
        return 0.0
    per_warp = -(-usage.registers * _WARP // 256) * 256
    taken = -(-(shared + (_BLOCK_SHARED if arch >= 80 else 0)) // _STEP_SHARED) * _STEP_SHARED
    blocks = min(sm.blocks, sm.warps // warps, sm.shared // max(taken, 1))
    if per_warp:
        # registers belong to a quarter of the SM, and warps are spread over the quarters
        blocks = min(blocks, _REGISTERS // 4 // per_warp * 4 // warps)
    return blocks * warps / sm.warps
