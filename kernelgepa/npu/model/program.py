"""Bytes of program memory that a schedule needs at least."""

from __future__ import annotations

from collections import Counter

from kernelgepa.npu.ir import Module
from kernelgepa.npu.model.blocks import BlockCost, Schedule
from kernelgepa.npu.model.stack import pointed_to

NOP_BYTES = 2  # formats have 16 to 128 bits; one of k operations has no fewer than 16 (k + 1)


def program_bytes(schedule: Schedule, module: Module) -> int:
    """A lower bound: library functions, prologues and alignment are not in it."""
    found = _reachable(module, schedule.entry)
    return sum(_block(cost) for name in found for cost in schedule.functions[name])


def _block(cost: BlockCost) -> int:
    made = cost.modulo or cost.straight
    cycles = [t % cost.modulo.ii for t in made.issue] if cost.modulo else list(made.issue)
    bundles = Counter(cycles)
    idle = max(bundles, default=-1) + 1 - len(bundles)
    return NOP_BYTES * (idle + sum(1 + count for count in bundles.values()))


def _reachable(module: Module, entry: str) -> set[str]:
    found, todo = set[str](), [entry]
    pointed = pointed_to(module)
    while todo:
        name = todo.pop()
        function = module.functions.get(name)
        if name in found or function is None:
            continue
        found.add(name)
        calls = [i for b in function.blocks for i in b.instructions if i.opcode == "call"]
        todo += [i.callee for i in calls if i.callee]
        todo += pointed if any(not i.callee for i in calls) else ()
    return found
