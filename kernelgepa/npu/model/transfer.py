"""What moving data takes: between kinds of registers, by pieces, in blocks."""

from __future__ import annotations

import re

from kernelgepa.npu.ir import Instruction
from kernelgepa.npu.model.costs import CostTable
from kernelgepa.npu.model.parts import size_of
from kernelgepa.npu.model.registers import is_vector

_BITCAST = re.compile(r"bitcast (<\d+ x \w+>|\w+) .*? to (<\d+ x \w+>|\w+)$")


def crossing(made: Instruction) -> tuple[str, ...]:
    """What a bitcast between vector and scalar registers takes: each word is moved."""
    found = _BITCAST.search(made.text) if made.opcode == "bitcast" else None
    if found is None:
        return ()
    before, after = size_of(found[1]), size_of(found[2])
    wide = max(before, after) >= 16
    vectors = [is_vector(t) and " i1>" not in t for t in found.groups()]
    if not wide or vectors[0] == vectors[1]:
        return ()
    return ("extract" if vectors[0] else "vector_move",) * (before // 4)


def pieces(size: int, align: int) -> list[int]:
    """Bytes of the scalar accesses that `size` bytes take: words, halves of words, bytes."""
    found: list[int] = []
    widest = min(4, align or 4)
    while size:
        piece = next(p for p in (4, 2, 1) if p <= min(size, widest))
        found.append(piece)
        size -= piece
    return found


def copy_cycles(size: int, table: CostTable) -> int:
    """Cycles a block copy of `size` bytes takes beside its call: whole registers are loaded and
    stored, the rest by words and then by bytes, whose stores read, change and write."""
    registers, rest = divmod(size, table.limits["store_bits"] // 8)
    words, parts = divmod(rest, 4)
    part = table.machine["store_part"]
    return 2 * (registers + words) + parts * (2 + part.memory_latency_to(part))
