"""From a module's IR to a schedule: every block priced, and how its loops overlap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kernelgepa.npu.ir import Block, Function, Module
from kernelgepa.npu.model.address import Addresses
from kernelgepa.npu.model.costs import CostTable
from kernelgepa.npu.model.loops import Loop, natural_loops
from kernelgepa.npu.model.node import Node, Selected
from kernelgepa.npu.model.parts import size_of
from kernelgepa.npu.model.registers import is_vector
from kernelgepa.npu.model.schedule import (
    BlockSchedule,
    ModuloSchedule,
    list_schedule,
    modulo_schedule,
    pressure,
    recurrence,
    resource_bound,
    sunk,
)
from kernelgepa.npu.model.select import Selector
from kernelgepa.npu.model.stack import stack_depth

BIG_BLOCK = 600  # operations beyond which a block is not overlapped with itself


@dataclass(frozen=True)
class BlockCost:
    """One block, priced."""

    block: Block
    selected: Selected
    straight: BlockSchedule
    modulo: ModuloSchedule | None
    bound: Mapping[str, int]
    recurrence: int
    chain: tuple[str, ...]
    cycles: int  # of one trip that does not overlap the next, library calls included
    looping: bool
    hardware: bool
    reason: str
    spills: int


@dataclass(frozen=True)
class Schedule:
    """The static result for a module."""

    functions: Mapping[str, tuple[BlockCost, ...]]
    entry: str
    table: CostTable
    stack: int | None  # bytes; None where it cannot be bounded
    loops: Mapping[str, tuple[Loop, ...]]  # function -> its loops of several blocks


def analyse(module: Module, entry: str, table: CostTable) -> Schedule:
    """Prices every function. Raises InfrastructureError."""
    functions = {}
    for name, function in module.functions.items():
        readers = _readers(function)
        functions[name] = tuple(
            _block(module, function, b, readers, table) for b in function.blocks
        )
    loops = {name: natural_loops(f) for name, f in module.functions.items()}
    return Schedule(functions, entry, table, stack_depth(module, entry), loops)


def _block(
    module: Module,
    function: Function,
    block: Block,
    readers: Mapping[str, set[int]],
    table: CostTable,
) -> BlockCost:
    selector = Selector(module, function, block, table)
    selected = selector.run()
    nodes, looping = selected.nodes, selector.looping
    live_out = _live_out(block, selected, readers)
    hardware = looping and _counted(block, selector.addresses) and not selected.library
    ending = () if hardware else _ending(block, selected)
    tail = dict.fromkeys(ending, table.limits["branch_cycles"])
    straight = list_schedule(nodes, live_out, tail)
    bound = resource_bound(nodes, table)
    modulo, reason, rec, chain = None, "", 1, tuple[str, ...]()
    if looping:
        rec, critical = recurrence(nodes)
        chain = _chain(nodes, critical)
        reason = _obstacle(selected, hardware, len(nodes))
        if not reason:
            modulo = modulo_schedule(nodes, max([rec, *bound.values()]), table.limits, live_out)
            if modulo is None:
                reason = "no overlap within the compiler's limits of interval and stages"
            elif modulo.ii >= straight.length:
                reason, modulo = "overlapping iterations gains nothing", None
    held = _held(function, block, table) if looping else {}
    spills = _spills(nodes, modulo.issue if modulo else straight.issue, modulo, held, table)
    if spills and not modulo:
        late = sunk(straight, nodes)
        spills = min(spills, _spills(nodes, late.issue, None, held, table))
    if modulo and spills:
        slower = modulo_schedule(nodes, modulo.ii + spills, table.limits, live_out)
        modulo = slower or modulo
    cycles = straight.length + selected.library_cycles + 2 * spills
    if not hardware:
        cycles = _with_branch(block, straight, selected, cycles, table)
    return BlockCost(
        block, selected, straight, modulo, bound, rec, chain, cycles, looping, hardware, reason,
        spills,
    )  # fmt: skip


def _obstacle(selected: Selected, hardware: bool, count: int) -> str:
    if selected.library:
        return "calls " + ", ".join(sorted(selected.library))
    if not hardware:
        return "the number of trips is not known when the loop starts"
    if count > BIG_BLOCK:
        return f"{count} operations, too many to overlap"
    return ""


def _counted(block: Block, addresses: Addresses) -> bool:
    """The loop ends when what advances by a constant meets a bound that does not change inside."""
    last = block.instructions[-1]
    made = {i.result: i for i in block.instructions if i.result}
    test = made.get(last.uses[0]) if last.opcode == "br" and last.uses else None
    if test is None or test.opcode != "icmp":
        return False
    inside = [u for u in test.uses if u in made]
    if len(inside) != 1:
        return False
    form = addresses.of(inside[0])
    return form.stride != 0 and not any(name in made for name, _ in form.terms)


def _readers(function: Function) -> dict[str, set[int]]:
    """Value -> blocks that read it; a phi reads at the end of the block before (-1)."""
    found: dict[str, set[int]] = {}
    for block in function.blocks:
        for made in block.instructions:
            for name in made.uses:
                found.setdefault(name, set()).add(-1 if made.opcode == "phi" else block.index)
    return found


def _live_out(block: Block, selected: Selected, readers: Mapping[str, set[int]]) -> frozenset[int]:
    return frozenset(
        node
        for name in selected.parts
        if readers.get(name, set()) - {block.index}
        for node in selected.makers(name)
    )


def _chain(nodes: list[Node], critical: tuple[int, ...]) -> tuple[str, ...]:
    shown = []
    for index in critical:
        node = nodes[index]
        name = node.origin.callee.removeprefix("__aie_") or node.origin.opcode
        where = f" (line {node.origin.line})" if node.origin.line else ""
        shown.append(f"{name}{where}")
    return tuple(shown[:12])


def _held(function: Function, block: Block, table: CostTable) -> dict[str, int]:
    """Registers that hold what the loop reads and never changes."""
    mine = {i.result for i in block.instructions}
    read = {name for i in block.instructions if i.opcode != "phi" for name in i.uses} - mine
    need = {"vector": 0, "acc": 0}
    for made in (i for b in function.blocks for i in b.instructions if i.result in read):
        if not is_vector(made.type):
            continue
        name = made.callee.removeprefix("__aie_")
        row = table.operation(name) if name != made.callee else None
        bits = 8 * size_of(made.type)
        if row is not None and row.ops and row.ops[-1].acc:
            need["acc"] += max(1, bits // 512)
        else:
            need["vector"] += max(1, bits // 256)
    return need


def _spills(
    nodes: list[Node],
    issue: tuple[int, ...],
    modulo: ModuloSchedule | None,
    held: Mapping[str, int],
    table: CostTable,
) -> int:
    """512-bit registers that do not fit and live in memory."""
    need = pressure(nodes, issue, modulo.ii if modulo else None)
    over = need["vector"] + held.get("vector", 0) - table.limits["vector_registers_256"]
    accumulators = need["acc"] + held.get("acc", 0) - table.limits["accumulators_512"]
    return max(0, (over + 1) // 2) + max(0, accumulators)


def _ending(block: Block, selected: Selected) -> tuple[int, ...]:
    """Operations that the jump at the block's end waits for."""
    last = block.instructions[-1] if block.instructions else None
    if last is None or last.opcode not in ("br", "switch"):
        return ()
    return (*selected.makers(*last.uses[:1]), *selected.tests, *selected.calls)


def _with_branch(
    block: Block, straight: BlockSchedule, selected: Selected, cycles: int, table: CostTable
) -> int:
    """A jump and its delay slots, filled with the end of the block as far as it reaches."""
    last = block.instructions[-1] if block.instructions else None
    if last is None or last.opcode not in ("br", "switch"):
        return cycles
    if last.opcode == "br" and not last.uses:
        return cycles  # falls through or is laid out so
    ready = 0
    for index in (*selected.makers(*last.uses[:1]), *selected.tests):
        ready = max(ready, straight.issue[index] + selected.nodes[index].op.defined)
    ready = max([ready, *(straight.issue[index] for index in selected.calls)])
    jumps = selected.jumps * table.limits["branch_cycles"]
    return max(cycles, ready + jumps + selected.library_cycles)
