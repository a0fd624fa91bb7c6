"""Schedules of one block: in a straight line, and overlapped with itself (modulo)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from kernelgepa.npu.model.costs import CostTable, MachineOp
from kernelgepa.npu.model.node import Node

PART_CYCLES = 7  # a read-modify-write store keeps the memory for this long


@dataclass(frozen=True)
class BlockSchedule:
    """Issue cycles of a block's operations and what follows from them."""

    issue: tuple[int, ...]
    slot: tuple[str, ...]
    length: int  # cycles until the next block may start
    vector_cycles: int  # cycles (of one trip) that issue a live vector operation


@dataclass(frozen=True)
class ModuloSchedule:
    """Iterations start every `ii` cycles; the last one takes `length`, its results included."""

    ii: int
    length: int
    stages: int
    vector_cycles: int  # per initiation interval
    issue: tuple[int, ...]
    slot: tuple[str, ...]


class _Reservation:
    """Slots taken per cycle; with `ii`, cycles wrap."""

    def __init__(self, nodes: Sequence[Node], ii: int | None = None) -> None:
        self._ii = ii
        # an operation with a choice leaves the slots that others have no choice about
        self._demand: dict[str, int] = {}
        for node in nodes:
            for slot in node.op.fixed:
                self._demand[slot] = self._demand.get(slot, 0) + 1
        self._slots: set[tuple[int, str]] = set()
        self._chosen: dict[str, int] = {}  # operations with a choice, by the slot they took
        self._memory: dict[int, int] = {}  # accesses; a part store counts as all ports

    def _at(self, cycle: int) -> int:
        return cycle % self._ii if self._ii else cycle

    def _room(self, slot: str) -> bool:
        """Whether an operation with a choice leaves enough cycles of the slot to those without."""
        if not self._ii:
            return True
        return self._chosen.get(slot, 0) + self._demand.get(slot, 0) < self._ii

    def take(self, op: MachineOp, cycle: int) -> str | None:
        """Takes the first free slot of the operation, or None."""
        cycles = {self._at(cycle + k) for k in range(PART_CYCLES)} if op.memory == "part" else set()
        if op.memory == "part":
            if self._ii and self._ii < PART_CYCLES:
                return None
            if any(self._memory.get(c) for c in cycles):
                return None
        elif op.memory and self._memory.get(self._at(cycle), 0) >= 100:
            return None
        for slot in sorted(op.slots, key=lambda s: self._demand.get(s, 0)):
            keys = {(self._at(cycle), s) for s in (slot, *op.also)}
            if not keys & self._slots and (len(op.slots) == 1 or self._room(slot)):
                self._slots |= keys
                self._chosen[slot] = self._chosen.get(slot, 0) + (len(op.slots) > 1)
                if op.memory:
                    weight = 100 if op.memory == "part" else 1
                    for c in cycles or {self._at(cycle)}:
                        self._memory[c] = self._memory.get(c, 0) + weight
                return slot
        return None


_NO_TAIL: Mapping[int, int] = MappingProxyType({})


def heights(nodes: Sequence[Node], tail: Mapping[int, int] = _NO_TAIL) -> list[int]:
    """Longest latency path from each operation to the end of its own iteration."""
    result = [n.op.defined + tail.get(k, 0) for k, n in enumerate(nodes)]
    for index in range(len(nodes) - 1, -1, -1):
        for source, latency, distance in nodes[index].preds:
            if distance == 0:
                result[source] = max(result[source], result[index] + latency)
    return result


def _first_users(nodes: Sequence[Node]) -> list[int]:
    """First reader of each result: of equals, what is needed together comes first."""
    first = [len(nodes)] * len(nodes)
    for index, node in enumerate(nodes):
        for source, _, distance in node.preds:
            if distance == 0:
                first[source] = min(first[source], index)
    return first


def list_schedule(
    nodes: Sequence[Node], live_out: frozenset[int], tail: Mapping[int, int] = _NO_TAIL
) -> BlockSchedule:
    """Greedy list schedule, longest path first; the exposed pipeline drains at the block's end.

    `tail`: cycles that follow the results of some operations, as a jump and its delay slots do.
    """
    height, first = heights(nodes, tail), _first_users(nodes)
    issue, slot = [-1] * len(nodes), [""] * len(nodes)
    table = _Reservation(nodes)

    def urgency(index: int) -> tuple[int, int, int]:
        return -height[index], first[index], index

    pending = {i: sum(1 for _, _, d in n.preds if d == 0) for i, n in enumerate(nodes)}
    users: dict[int, list[int]] = {}
    for i, node in enumerate(nodes):
        for source, _, distance in node.preds:
            if distance == 0:
                users.setdefault(source, []).append(i)
    ready = sorted((i for i, n in pending.items() if n == 0), key=urgency)
    while ready:
        index = ready.pop(0)
        at = max([0, *(issue[p] + lat for p, lat, d in nodes[index].preds if d == 0)])
        while (taken := table.take(nodes[index].op, at)) is None:
            at += 1
        issue[index], slot[index] = at, taken
        for user in users.get(index, ()):
            pending[user] -= 1
            if pending[user] == 0:
                ready.append(user)
        ready.sort(key=urgency)
    busy = {t for t, n in zip(issue, nodes, strict=True) if n.live_vector and _counts(n)}
    return BlockSchedule(tuple(issue), tuple(slot), _length(nodes, issue, live_out), len(busy))


def sunk(made: BlockSchedule, nodes: Sequence[Node]) -> BlockSchedule:
    """The same schedule with loads as late as what reads them allows: fewer registers are held."""
    issue = list(made.issue)
    taken = {(t, s) for t, own, n in zip(made.issue, made.slot, nodes, strict=True)
             for s in (own, *n.op.also)}  # fmt: skip
    users: dict[int, list[tuple[int, int]]] = {}
    for index, node in enumerate(nodes):
        for source, latency, distance in node.preds:
            if distance == 0:
                users.setdefault(source, []).append((index, latency))
    for index in sorted(range(len(nodes)), key=lambda i: -made.issue[i]):
        if nodes[index].op.memory != "load" or index not in users:
            continue
        latest = min(issue[user] - latency for user, latency in users[index])
        slots = {made.slot[index], *nodes[index].op.also}
        free = (t for t in range(latest, issue[index], -1) if not taken & {(t, s) for s in slots})
        at = next(free, issue[index])
        taken = taken - {(issue[index], s) for s in slots} | {(at, s) for s in slots}
        issue[index] = at
    return replace(made, issue=tuple(issue))


def _length(nodes: Sequence[Node], issue: Sequence[int], live_out: frozenset[int]) -> int:
    """Cycles until another block may start: all is issued, and what it may need has arrived."""
    length = _drained(nodes, issue, live_out)
    for index, node in enumerate(nodes):  # what the next trip waits for
        for source, latency, distance in node.preds:
            if distance == 1:
                length = max(length, issue[source] + latency - issue[index])
    return length


def _drained(nodes: Sequence[Node], issue: Sequence[int], live_out: frozenset[int]) -> int:
    """Cycles until all is issued, results have arrived and part stores have left the memory."""
    length = max((t + 1 for t in issue), default=0)
    for index in live_out:
        length = max(length, issue[index] + nodes[index].op.defined)
    for index, node in enumerate(nodes):
        if node.op.memory == "part":
            length = max(length, issue[index] + PART_CYCLES)
    return length


def _counts(node: Node) -> bool:
    return any(s in ("mv", "vec") for s in node.op.slots) and not node.op.memory


def resource_bound(nodes: Sequence[Node], table: CostTable) -> dict[str, int]:
    """Least cycles per iteration by slot; shared slots are balanced, memory counts its blocking."""
    bound = {s: n for s, n in _balanced(nodes, table_slots(table)).items() if n}
    parts = sum(PART_CYCLES for node in nodes if node.op.memory == "part")
    if parts:
        others = [n for n in nodes if n.op.memory and n.op.memory != "part"]
        bound["memory"] = parts + max(_balanced(others, table_slots(table)).values())
    return bound


def _balanced(nodes: Sequence[Node], slots: Sequence[str]) -> dict[str, int]:
    """Operations per slot, those with a choice where there is most room."""
    taken = dict.fromkeys(slots, 0)
    for node in nodes:
        for slot in node.op.fixed:
            taken[slot] += 1
    for choice in sorted(n.op.slots for n in nodes if len(n.op.slots) > 1):
        taken[min(choice, key=lambda s: taken[s])] += 1
    return taken


def table_slots(table: CostTable) -> list[str]:
    """Issue slots that operations of the table take, in its order."""
    found: list[str] = []
    for op in table.machine.values():
        found += [s for s in op.slots if s not in found]
    return found


_Edge = tuple[int, int, int, int]  # source, user, latency, distance


def recurrence(nodes: Sequence[Node]) -> tuple[int, tuple[int, ...]]:
    """(least II that all cycles of dependences allow, the operations of a critical one)."""
    edges = _in_cycles(nodes)
    ii, critical = 1, tuple[int, ...]()
    while longer := _longer_cycle(edges, ii):  # each one found asks for more than the one before
        latency, distance = (sum(edge[at] for edge in longer) for at in (2, 3))
        ii, critical = -(-latency // distance), tuple(edge[0] for edge in longer)
    return ii, critical


def _in_cycles(nodes: Sequence[Node]) -> list[_Edge]:
    """Dependences that may be part of a cycle: what has no source or no user is peeled off."""
    edges = [(s, n, lat, d) for n, node in enumerate(nodes) for s, lat, d in node.preds]
    if not any(distance for _, _, _, distance in edges):
        return []
    count = len(edges) + 1
    while len(edges) < count:
        count = len(edges)
        sources, users = {e[0] for e in edges}, {e[1] for e in edges}
        edges = [e for e in edges if e[0] in users and e[1] in sources]
    return edges


def _longer_cycle(edges: Sequence[_Edge], ii: int) -> tuple[_Edge, ...]:
    """A cycle of dependences longer than ii per iteration, or nothing (Bellman-Ford)."""
    time = dict.fromkeys((n for edge in edges for n in edge[:2]), 0)
    arrived: dict[int, _Edge] = {}  # by which dependence an operation got its time
    changed = True
    while changed:
        changed = False
        for edge in edges:
            source, user, latency, distance = edge
            least = time[source] + latency - ii * distance
            if least > time[user]:
                time[user], arrived[user], changed = least, edge, True
        cycle = _cycle(arrived) if changed else ()
        if cycle:
            return cycle
    return ()


def _cycle(arrived: Mapping[int, _Edge]) -> tuple[_Edge, ...]:
    """A cycle in a graph where each node has at most one edge that leads to it, or nothing.

    What raises times round and round closes one sooner or later (Cherkassky, Goldberg 1999).
    """
    walk_of: dict[int, int] = {}
    for walk, begin in enumerate(arrived):
        at = begin
        while at in arrived and at not in walk_of:
            walk_of[at] = walk
            at = arrived[at][0]
        if walk_of.get(at) != walk:
            continue
        cycle, back = [arrived[at]], arrived[at][0]
        while back != at:
            cycle.append(arrived[back])
            back = arrived[back][0]
        return tuple(reversed(cycle))
    return ()


def modulo_schedule(
    nodes: Sequence[Node], first: int, limits: Mapping[str, int], live_out: frozenset[int]
) -> ModuloSchedule | None:
    """The first II from `first` on that has a place for everything; None beyond the limits."""
    if not nodes:
        return None
    for ii in range(max(first, 1), limits["max_ii"] + 1):
        start = _earliest(nodes, ii)
        placed = None if start is None else _place_in_some_order(nodes, ii, start)
        if placed is None:
            continue
        issue, slot = placed
        stages = max(issue) // ii + 1
        if stages > limits["max_stages"]:
            continue  # deeper than the compiler pipelines: a longer interval needs fewer stages
        length = _drained(nodes, issue, live_out)
        busy = {t % ii for t, n in zip(issue, nodes, strict=True) if n.live_vector and _counts(n)}
        return ModuloSchedule(ii, length, stages, len(busy), tuple(issue), tuple(slot))
    return None


_Placed = tuple[list[int], list[str]]


def _place_in_some_order(nodes: Sequence[Node], ii: int, start: Sequence[int]) -> _Placed | None:
    """By earliest start, then height; where that fails, each after what it depends on."""
    height, first = heights(nodes), _first_users(nodes)

    def urgency(index: int) -> tuple[int, int, int, int]:
        return start[index], -height[index], first[index], index

    early = sorted(range(len(nodes)), key=urgency)
    return _place(nodes, ii, start, early) or _place(nodes, ii, start, _dependent(nodes, early))


def _dependent(nodes: Sequence[Node], early: Sequence[int]) -> list[int]:
    """The same order, but for operations that stand before what they depend on."""
    done: dict[int, None] = {}
    waiting = list(early)
    while waiting:
        later = []
        for index in waiting:
            if all(s in done for s, _, distance in nodes[index].preds if distance == 0):
                done[index] = None
            else:
                later.append(index)
        waiting = later
    return list(done)


def _place(
    nodes: Sequence[Node], ii: int, start: Sequence[int], order: Sequence[int]
) -> _Placed | None:
    """Places operations one after another within ii cycles of their earliest; None if one fails."""
    issue, slot = [-1] * len(nodes), [""] * len(nodes)
    table = _Reservation(nodes, ii)
    for index in order:
        low = start[index]
        for source, latency, distance in nodes[index].preds:
            if issue[source] >= 0:
                low = max(low, issue[source] + latency - ii * distance)
        high = low + ii - 1
        for user, node in enumerate(nodes):
            if issue[user] >= 0:
                for source, latency, distance in node.preds:
                    if source == index:
                        high = min(high, issue[user] - latency + ii * distance)
        for at in range(low, high + 1):
            taken = table.take(nodes[index].op, at)
            if taken is not None:
                issue[index], slot[index] = at, taken
                break
        else:
            return None
    return issue, slot


def _earliest(nodes: Sequence[Node], ii: int) -> list[int] | None:
    time = [0] * len(nodes)
    for _ in range(len(nodes) + 1):
        changed = False
        for index, node in enumerate(nodes):
            for source, latency, distance in node.preds:
                least = time[source] + latency - ii * distance
                if least > time[index]:
                    time[index], changed = least, True
        if not changed:
            return time
    return None


def pressure(nodes: Sequence[Node], issue: Sequence[int], ii: int | None) -> dict[str, int]:
    """Most registers that results of `nodes` need at once: 256-bit vectors, 512-bit accumulators.

    Constants of the loop are not among them: see `held`.
    """
    last = [-1] * len(nodes)
    for index, node in enumerate(nodes):
        for source, _, distance in node.preds:
            last[source] = max(last[source], issue[index] + (ii or 0) * distance)
    span = max(issue, default=0) + 1
    live: dict[str, list[int]] = {"vector": [0] * (ii or span + 1), "acc": [0] * (ii or span + 1)}
    for index, node in enumerate(nodes):
        if node.bits < 128 or last[index] < 0:
            continue
        kind = "acc" if node.op.acc else "vector"
        weight = max(1, node.bits // 512) if node.op.acc else max(1, node.bits // 256)
        # in an exposed pipeline the register is taken only when the result is written
        written = issue[index] + node.op.defined
        for at in range(written, max(last[index], written) + 1):
            live[kind][at % len(live[kind])] += weight
    return {kind: max(counts) for kind, counts in live.items()}
