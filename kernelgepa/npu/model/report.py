"""From a schedule and the counts of a run to a profile."""

from __future__ import annotations

from collections.abc import Mapping

from kernelgepa.npu.model.blocks import BlockCost, Schedule
from kernelgepa.npu.model.costs import CostTable
from kernelgepa.npu.model.loops import Loop, entries
from kernelgepa.npu.model.transfer import copy_cycles
from kernelgepa.verdict import LoopProfile, Profile


def copied(function: str) -> str:
    """Key, beside the function's own, under which counts hold the bytes its block copies moved."""
    return f"{function} bytes"


def profile(schedule: Schedule, counts: Mapping[tuple[str, int], int]) -> Profile:
    """Modelled figures of a run. `counts`: executions of (function, block); of (function, ~block)
    the times a self-looping block was entered from outside; of (copied(function), block) the bytes
    that block copies of a size known only at run time moved."""
    total = vector = loaded = stored = macs = spills = library_cycles = 0
    peak = 1
    calls: dict[str, int] = {}
    loops: list[LoopProfile] = []
    for name, costs in schedule.functions.items():
        spent: list[int] = []
        for cost in costs:
            trips = counts.get((name, cost.block.index), 0)
            entered = counts.get((name, ~cost.block.index), trips and 1) if cost.looping else trips
            cycles, busy = _block_cycles(cost, trips, entered, schedule.table)
            if cost.selected.copies:
                moved = counts.get((copied(name), cost.block.index), 0)
                loaded, stored = loaded + moved, stored + moved
                copies = max(1, cost.selected.copies * trips)
                copying = copies * copy_cycles(-(-moved // copies), schedule.table)
                cycles, library_cycles = cycles + copying, library_cycles + copying
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
                loops.append(_loop(cost, trips, entered, cycles, _depth(schedule, name, cost)))
        loops += _outer(schedule, name, counts, spent)
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


def _block_cycles(cost: BlockCost, trips: int, entered: int, table: CostTable) -> tuple[int, int]:
    """(cycles, cycles that issue a live vector operation) of all trips through a block."""
    if not trips:
        return 0, 0
    setup = table.fitted["loop_setup"] if cost.hardware else 0
    if cost.modulo:
        prologue = cost.modulo.length - cost.modulo.ii
        one = cost.modulo.length + max(0, setup - prologue)
        return (trips - entered) * cost.modulo.ii + entered * one, cost.modulo.vector_cycles * trips
    return cost.cycles * trips + setup * entered, cost.straight.vector_cycles * trips


def _depth(schedule: Schedule, name: str, cost: BlockCost) -> int:
    """Loops of several blocks around the block."""
    return sum(cost.block.index in loop.body for loop in schedule.loops[name])


def _first_line(cost: BlockCost) -> int | None:
    made = cost.block.instructions
    lines = [*(i.line for i in made[-1:]), *sorted(i.line for i in made if i.line)]
    return next((line for line in lines if line), None)


def _loop(cost: BlockCost, trips: int, entered: int, cycles: int, depth: int) -> LoopProfile:
    return LoopProfile(
        line=_first_line(cost),
        depth=depth,
        trips=trips,
        entries=entered,
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
    schedule: Schedule, name: str, counts: Mapping[tuple[str, int], int], spent: list[int]
) -> list[LoopProfile]:
    """Rows of loops that hold several blocks; their cycles include the loops inside."""
    costs = schedule.functions[name]
    blocks = tuple(cost.block for cost in costs)
    ran = {b.index: counts.get((name, b.index), 0) for b in blocks}
    rows = []
    for loop in schedule.loops[name]:
        trips = ran[loop.head]
        if trips:
            entered = entries(loop, blocks, ran)
            rows.append(_several(loop, costs, trips, entered, [spent[i] for i in loop.body]))
    return rows


def _several(
    loop: Loop, costs: tuple[BlockCost, ...], trips: int, entered: int, spent: list[int]
) -> LoopProfile:
    inside = [costs[i] for i in sorted(loop.body)]
    calls: dict[str, int] = {}
    for cost in inside:
        for call, n in cost.selected.library.items():
            calls[call] = calls.get(call, 0) + n
    return LoopProfile(
        line=_first_line(costs[max(loop.latches)]),
        depth=loop.depth,
        trips=trips,
        entries=entered,
        ii=None,
        length=sum(spent) // trips,
        stages=1,
        hardware_loop=False,
        resource_bound={},
        recurrence_bound=0,
        recurrence_chain=(),
        cycles=sum(spent),
        library_calls=calls,
        subword_stores=sum(c.selected.subword_stores for c in inside),
        reason="holds several blocks (inner loops or branches)",
    )
