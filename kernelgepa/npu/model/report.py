"""From a module's IR to a schedule, and from a schedule and run counts to a profile."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kernelgepa.npu.ir import Block, Function, Module, parse
from kernelgepa.npu.irtypes import TypeSizes
from kernelgepa.npu.model.costs import CostTable
from kernelgepa.npu.model.schedule import (
    BlockSchedule,
    ModuloSchedule,
    list_schedule,
    modulo_schedule,
    pressure,
    recurrence,
    resource_bound,
)
from kernelgepa.npu.model.select import Node, Selected, Selector
from kernelgepa.verdict import LoopProfile, Profile

CALL_DEPTH = 64  # a deeper chain of calls would not fit into the stack
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
    spans: Mapping[str, tuple[tuple[int, int], ...]]  # function -> (head, tail) of larger loops


def analyse(ir: str, entry: str, table: CostTable) -> Schedule:
    """Prices every function. Raises ir.IrTooLarge, InfrastructureError."""
    module = parse(ir)
    functions = {
        name: tuple(_block(module, f, b, table) for b in f.blocks)
        for name, f in module.functions.items()
    }
    spans = {name: _loops(f) for name, f in module.functions.items()}
    return Schedule(functions, entry, table, _stack(module, entry), spans)


def _block(module: Module, function: Function, block: Block, table: CostTable) -> BlockCost:
    selector = Selector(module, function, block, table)
    selected = selector.run()
    nodes, looping = selected.nodes, selector.looping
    straight = list_schedule(nodes, _live_out(function, block, selected))
    bound = resource_bound(nodes, table)
    hardware = looping and _counted(block) and not selected.library
    modulo, reason, rec, chain = None, "", 1, tuple[str, ...]()
    if looping:
        rec, critical = recurrence(nodes, table.limits["max_ii"] + 1)
        chain = _chain(nodes, critical)
        reason = _obstacle(selected, hardware, len(nodes))
        if not reason:
            modulo = modulo_schedule(nodes, max([rec, *bound.values()]), table.limits)
            if modulo is None:
                reason = "no overlap within the compiler's limits of interval and stages"
            elif modulo.ii >= straight.length:
                reason, modulo = "overlapping iterations gains nothing", None
    spills = _spills(nodes, modulo.issue if modulo else straight.issue, modulo, table)
    if modulo and spills:
        slower = modulo_schedule(nodes, modulo.ii + spills, table.limits)
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


def _counted(block: Block) -> bool:
    """The loop ends when an induction variable meets a bound that does not change inside."""
    last = block.instructions[-1]
    made = {i.result: i for i in block.instructions if i.result}
    test = made.get(last.uses[0]) if last.opcode == "br" and last.uses else None
    if test is None or test.opcode != "icmp":
        return False
    inside = [u for u in test.uses if u in made]
    steps = [
        u for u in inside
        if made[u].opcode in ("phi", "add", "sub", "getelementptr", "or", "shl", "trunc", "zext")
    ]  # fmt: skip
    return len(inside) == 1 and len(steps) == 1 and not _loads(made, inside[0])


def _loads(made: Mapping[str, object], name: str) -> bool:
    """Whether the compared value comes from memory in a few steps."""
    from kernelgepa.npu.ir import Instruction  # noqa: PLC0415

    seen: set[str] = set()
    todo = [name]
    while todo:
        at = todo.pop()
        found = made.get(at)
        if at in seen or not isinstance(found, Instruction):
            continue
        seen.add(at)
        if found.opcode in ("load", "call"):
            return True
        todo.extend(found.uses)
    return False


def _live_out(function: Function, block: Block, selected: Selected) -> frozenset[int]:
    outside = {
        u
        for b in function.blocks
        for i in b.instructions
        if b is not block or i.opcode == "phi"
        for u in i.uses
    }
    return frozenset(n for name, n in selected.result.items() if name in outside)


def _chain(nodes: list[Node], critical: tuple[int, ...]) -> tuple[str, ...]:
    shown = []
    for index in critical:
        node = nodes[index]
        name = node.origin.callee.removeprefix("__aie_") or node.origin.opcode
        where = f" (line {node.origin.line})" if node.origin.line else ""
        shown.append(f"{name}{where}")
    return tuple(shown[:12])


def _spills(
    nodes: list[Node], issue: tuple[int, ...], modulo: ModuloSchedule | None, table: CostTable
) -> int:
    need = pressure(nodes, issue, modulo.ii if modulo else None)
    over = need["vector"] - table.limits["vector_registers_256"]
    accumulators = need["acc"] - table.limits["accumulators_512"]
    return max(0, (over + 1) // 2) + max(0, accumulators)


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
    if last.uses and last.uses[0] in selected.result:
        index = selected.result[last.uses[0]]
        ready = straight.issue[index] + selected.nodes[index].op.defined
    return max(cycles, ready + table.limits["branch_cycles"] + selected.library_cycles)


def _loops(function: Function) -> tuple[tuple[int, int], ...]:
    """Loops of several blocks, as spans of textual order closed by a jump back."""
    index = {b.label: b.index for b in function.blocks}
    spans = {
        (index[s], b.index)
        for b in function.blocks
        for s in b.successors
        if s in index and index[s] < b.index
    }
    return tuple(sorted(spans))


def _stack(module: Module, entry: str) -> int | None:
    sizes = TypeSizes()

    def frame(function: Function) -> int:
        total = 0
        for block in function.blocks:
            for made in block.instructions:
                if made.opcode == "alloca":
                    match = re.search(r"alloca (?:inalloca )?(.*?)(?:, align.*)?$", made.text)
                    total += sizes.size(match[1]) if match else 4
        return total

    known: dict[str, int | None] = {}

    def deepest(name: str, above: tuple[str, ...]) -> int | None:
        if name in above or len(above) > CALL_DEPTH:
            return None
        function = module.functions.get(name)
        if function is None:
            return 0
        if name not in known:
            callees = {i.callee for b in function.blocks for i in b.instructions if i.callee}
            own = sorted(callees & set(module.functions))
            depths = [deepest(c, (*above, name)) for c in own]
            known[name] = None
            if None not in depths:
                deeper = max((d for d in depths if d is not None), default=0)
                known[name] = frame(function) + 32 * bool(own) + deeper
        return known[name]

    return deepest(entry, ())


def stack_bytes(schedule: Schedule) -> int | None:
    """Static bytes of stack from the entry on; None where recursion leaves it open."""
    return schedule.stack


def profile(schedule: Schedule, counts: Mapping[tuple[str, int], int]) -> Profile:
    """Modelled figures of a run. `counts`: executions of (function, block); of (function, ~block)
    the times a self-looping block was entered from outside."""
    total = vector = loaded = stored = macs = spills = library_cycles = 0
    peak = 1
    calls: dict[str, int] = {}
    loops: list[LoopProfile] = []
    for name, costs in schedule.functions.items():
        spent: list[int] = []
        for cost in costs:
            trips = counts.get((name, cost.block.index), 0)
            entries = counts.get((name, ~cost.block.index), trips and 1) if cost.looping else trips
            cycles, busy = _block_cycles(cost, trips, entries, schedule.table)
            spent.append(cycles)
            total, vector = total + cycles, vector + busy
            loaded += cost.selected.loaded * trips
            stored += cost.selected.stored * trips
            macs += cost.selected.macs * trips
            peak = max(peak, cost.selected.peak if trips else 1)
            spills += cost.spills * bool(trips)
            library_cycles += cost.selected.library_cycles * trips
            for call, n in cost.selected.library.items():
                calls[call] = calls.get(call, 0) + n * trips
            if cost.looping and trips:
                loops.append(_loop(cost, trips, entries, cycles))
        loops += _outer(schedule, name, costs, counts, spent)
    ports = schedule.table.limits
    limit = max(
        -(-loaded * 8 // (2 * ports["load_bits"])), -(-stored * 8 // ports["store_bits"])
    )  # fmt: skip
    return Profile(
        max(total, 1), vector, round(vector / max(total, 1), 6), macs,
        round(macs / (max(total, 1) * peak), 6), loaded, stored, limit,
        tuple(sorted(loops, key=lambda p: (-p.cycles, p.line or 0, p.depth))),
        dict(sorted((k, v) for k, v in calls.items() if v)), library_cycles,
        schedule.stack or 0, spills,
    )  # fmt: skip


def _block_cycles(
    cost: BlockCost, trips: int, entries: int, table: CostTable
) -> tuple[int, int]:
    if not trips:
        return 0, 0
    setup = table.fitted["loop_setup"] * entries if cost.hardware else 0
    if cost.modulo:
        overlapped = (trips - entries) * cost.modulo.ii + entries * cost.modulo.length
        return overlapped + setup, cost.modulo.vector_cycles * trips
    return cost.cycles * trips + setup, cost.straight.vector_cycles * trips


def _first_line(cost: BlockCost) -> int | None:
    lines = [i.line for i in cost.block.instructions if i.line]
    ends = [i.line for i in cost.block.instructions[-1:] if i.line]
    return (ends or sorted(lines) or [None])[0]


def _loop(cost: BlockCost, trips: int, entries: int, cycles: int) -> LoopProfile:
    return LoopProfile(
        line=_first_line(cost),
        depth=1,
        trips=trips,
        entries=entries,
        ii=cost.modulo.ii if cost.modulo else None,
        length=cost.modulo.length if cost.modulo else cost.cycles,
        stages=cost.modulo.stages if cost.modulo else 1,
        hardware_loop=cost.hardware,
        resource_bound=dict(cost.bound),
        recurrence_bound=cost.recurrence,
        recurrence_chain=cost.chain,
        cycles=cycles,
        library_calls=dict(cost.selected.library),
        subword_stores=cost.selected.subword_stores,
        spills=cost.spills,
        reason=cost.reason,
    )


def _outer(
    schedule: Schedule,
    name: str,
    costs: tuple[BlockCost, ...],
    counts: Mapping[tuple[str, int], int],
    spent: list[int],
) -> list[LoopProfile]:
    """Rows of loops that hold several blocks; their cycles include the loops inside."""
    rows = []
    for head, tail in schedule.spans[name]:
        trips = counts.get((name, tail), 0)
        if not trips:
            continue
        inside = costs[head : tail + 1]
        calls: dict[str, int] = {}
        for cost in inside:
            for call, n in cost.selected.library.items():
                calls[call] = calls.get(call, 0) + n
        rows.append(
            LoopProfile(
                line=_first_line(costs[tail]),
                depth=0,
                trips=trips,
                entries=1,
                ii=None,
                length=sum(spent[head : tail + 1]) // trips,
                stages=1,
                hardware_loop=False,
                resource_bound={},
                recurrence_bound=0,
                recurrence_chain=(),
                cycles=sum(spent[head : tail + 1]),
                library_calls=calls,
                subword_stores=sum(c.selected.subword_stores for c in inside),
                reason="holds several blocks (inner loops or branches)",
            )
        )
    return rows
