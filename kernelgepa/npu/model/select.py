"""Instruction selection: IR instructions of a block -> machine operations and their dependences."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kernelgepa.npu.ir import Block, Function, Instruction, Module
from kernelgepa.npu.lower import type_bytes
from kernelgepa.npu.model.address import Addresses
from kernelgepa.npu.model.costs import CostTable, MachineOp, Operation
from kernelgepa.npu.model.induction import inductions
from kernelgepa.npu.model.memory import Memory, of_headers
from kernelgepa.npu.model.node import Node, Selected
from kernelgepa.npu.model.registers import Registers, is_vector, renames
from kernelgepa.npu.model.scalar import (
    Price,
    call_price,
    intrinsic_price,
    scalar_price,
    vector_price,
)

_NOTHING = """
    getelementptr bitcast freeze alloca ptrtoint inttoptr unreachable addrspacecast ret br switch
"""
_FREE = frozenset(_NOTHING.split())
_CONSTANT_SIZE = re.compile(r"i(?:32|64) (\d+), i1")
_TOUCHING = ("call", "indirect_call", "copy")  # library rows that may read and write memory
_COMPARISONS = ("__aie_vlt_", "__aie_vge_", "__aie_veq_")
_ALL_LANES = re.compile(rf", (?:{'|'.join(str(2**n - 1) for n in (4, 8, 16, 32))})$")
_ZERO_TEST = re.compile(r"icmp (?:samesign )?(?:eq|ne) i\d+ %\S+, 0$")
_RENAMED = ("shufflevector", "bitcast", "freeze", "zext", "sext", "trunc", "getelementptr")


class Selector:
    """Selects one block of a function."""

    def __init__(self, module: Module, function: Function, block: Block, table: CostTable) -> None:
        self._module, self._block, self._table = module, block, table
        self.looping = block.label in block.successors
        self._registers = Registers(function, block)
        addresses = Addresses(function, block if self.looping else None)
        self._memory = Memory(module, function, addresses)
        self._place = {id(i): n for n, i in enumerate(block.instructions)}
        self._made = Selected(inductions=inductions(self._registers, addresses, self.looping))
        self._fused_loads: dict[str, Instruction] = {}  # result of a conversion -> its load
        self._skip: set[str] = set()

    def run(self) -> Selected:
        self._find_fused_loads()
        for instruction in self._block.instructions:
            self._select(instruction)
        self._loop_dependences()
        self._memory.order(self._made.nodes, self.looping)
        return self._made

    def _find_fused_loads(self) -> None:
        """Aligned loads that only feed widening conversions are one instruction with each."""
        for made in self._block.instructions:
            row = self._row(made)
            if row is None or row.fuse_load is None or not made.uses:
                continue
            origin = self._registers.origin(made.uses[0])
            load = self._registers.mine.get(origin)
            if load is None or load.opcode != "load" or load.align < 32:
                continue
            if all(self._widens(u) for u in self._registers.final_users(origin)):
                self._fused_loads[made.result] = load
                self._skip.add(origin)

    def _widens(self, user: Instruction) -> bool:
        row = self._row(user)
        return row is not None and row.fuse_load is not None and self._registers.inside(user)

    def _row(self, made: Instruction) -> Operation | None:
        if made.callee.startswith("__aie_"):
            return self._table.operation(made.callee.removeprefix("__aie_"))
        return None

    # -- one instruction

    def _select(self, made: Instruction) -> None:
        if made.opcode in _FREE or made.result in self._made.inductions:
            self._rename(made)
        elif made.opcode == "phi":
            self._phi(made)
        elif made.opcode == "load":
            self._load(made)
        elif made.opcode == "store":
            self._store(made)
        elif made.opcode == "call":
            self._call(made)
        elif is_vector(made.type) or " <" in made.text.split(",")[0]:
            if made.opcode == "shufflevector" and renames(made):
                self._rename(made)
            else:
                self._price(vector_price(made), made)
        elif self._costs_nothing(made):
            self._rename(made)
        else:
            self._price(scalar_price(made), made)

    def _rename(self, made: Instruction) -> None:
        """The result is made by whatever makes the operands."""
        sources = [n for name in made.uses for n in self._made.result.get(name, ())]
        if sources and made.result:
            self._made.result[made.result] = tuple(dict.fromkeys(sources))

    def _costs_nothing(self, made: Instruction) -> bool:
        """Loads extend; truncation and a comparison's bit need nothing; modes are registers; a
        vector comparison sets no more bits than it has lanes; jumps test for zero."""
        sources = [self._registers.mine.get(name) for name in made.uses]
        loads = [s for s in sources if s is not None and s.opcode == "load"]
        if made.opcode in ("select", "zext", "trunc") and any(of_headers(s) for s in loads):
            return True
        if made.opcode == "and":
            compared = [s for s in sources if s and s.callee.startswith(_COMPARISONS)]
            return bool(compared) and bool(_ALL_LANES.search(made.text))
        if made.opcode == "icmp":
            users = self._registers.users(made.result)
            return bool(_ZERO_TEST.search(made.text)) and all(u.opcode == "br" for u in users)
        if made.opcode not in ("zext", "sext", "trunc"):
            return False
        whole = made.opcode == "trunc" or " i1 " in made.text or made.text.endswith(" to i64")
        return whole or bool(loads)

    def _phi(self, made: Instruction) -> None:
        arms = {b: v for v, b in re.findall(r"\[ ([^,]+), (%[\w.$-]+) \]", made.text)}
        back = arms.get(self._block.label)
        if self.looping and back and back.startswith("%"):
            self._made.loop_edges.append((made.result, back))

    def _emit(
        self,
        ops: Iterable[MachineOp],
        made: Instruction,
        uses: tuple[str, ...] | None = None,
        live: bool = False,
    ) -> tuple[int, ...]:
        """Operations side by side, which together make the instruction's result."""
        names = made.uses if uses is None else uses
        sources = [n for name in names for n in self._made.result.get(name, ())]
        indices = tuple(self._node(op, made, sources, live) for op in ops)
        if made.result and indices:
            self._made.result[made.result] = indices
            for index in indices:
                self._made.nodes[index].bits = 8 * type_bytes(made.type) // len(indices)
        return indices

    def _node(self, op: MachineOp, made: Instruction, sources: Iterable[int], live: bool) -> int:
        nodes = self._made.nodes
        preds = [(s, nodes[s].op.latency_to(op), 0) for s in dict.fromkeys(sources)]
        nodes.append(Node(op, made, live and not op.move and not op.lowered, preds))
        return len(nodes) - 1

    def _chain(self, ops: tuple[MachineOp, ...], made: Instruction, live: bool) -> None:
        """Operations one after another; each may read the operands."""
        operands = [n for name in made.uses for n in self._made.result.get(name, ())]
        last: list[int] = []
        for op in ops:
            last = [self._node(op, made, [*operands, *last], live)]
        if made.result and last:
            self._made.result[made.result] = tuple(last)
            self._made.nodes[last[0]].bits = 8 * type_bytes(made.type)

    def _price(self, price: Price, made: Instruction) -> None:
        ops = tuple(self._table.machine[name] for name in price.ops)
        if price.library:
            self._library(price.library, made)
        elif price.parallel:
            self._emit(ops, made, live=price.live)
        else:
            self._chain(ops, made, price.live)

    def _library(self, name: str, made: Instruction) -> None:
        self._made.library[name] = self._made.library.get(name, 0) + 1
        self._made.library_cycles += self._table.library[name]
        nodes = self._emit([self._table.machine["library_call"]], made)
        for index in nodes:
            self._made.nodes[index].bits = 0
        self._made.calls += nodes
        if name in _TOUCHING:
            self._memory.touch(self._place[id(made)], nodes)

    # -- calls and operations

    def _call(self, made: Instruction) -> None:
        row, name = self._row(made), made.callee
        if row is not None:
            self._operation(made, row)
        elif not name:
            self._library("indirect_call", made)
        elif name.startswith(("llvm.memcpy", "llvm.memmove", "llvm.memset")):
            self._copy(made)
        elif name.startswith("llvm."):
            self._price(intrinsic_price(made, name.removeprefix("llvm.")), made)
        elif name in self._module.functions:
            self._library("call", made)
        else:
            self._price(call_price(name), made)

    def _copy(self, made: Instruction) -> None:
        size = _CONSTANT_SIZE.search(made.text)
        if size:
            self._made.library_cycles += copy_cycles(int(size[1]), self._table)
            self._made.loaded += int(size[1])
            self._made.stored += int(size[1])
        else:
            self._made.copies += 1
        self._library("copy", made)

    def _operation(self, made: Instruction, row: Operation) -> None:
        self._made.macs += row.macs
        self._made.peak = max(self._made.peak, row.peak)
        if row.library:
            self._library(row.library, made)
            return
        load = self._fused_loads.get(made.result)
        if load is not None and row.fuse_load is not None:
            self._fused_load(made, load, row)
            return
        if row.fuse_store is not None and self._only_stored(made):
            return  # the store does it
        times = len(dict.fromkeys(made.uses[:2])) if row.halves else 1
        if times > 1:
            self._emit(row.ops * times, made, live=True)
        else:
            self._chain(row.ops, made, True)

    def _only_stored(self, made: Instruction) -> bool:
        """Whether its result goes to stores of this block alone."""
        users = self._registers.final_users(made.result)
        return bool(users) and all(
            u.opcode == "store"
            and self._registers.inside(u)
            and not re.search(rf"ptr {re.escape(made.result)}\b", u.text)
            for u in users
        )

    # -- memory

    def _load(self, made: Instruction) -> None:
        if of_headers(made) or made.result in self._skip:
            return
        size = type_bytes(made.type)
        self._made.loaded += size
        machine, place = self._table.machine, self._place[id(made)]
        if size < 16 and not is_vector(made.type):
            self._memory.add(place, self._emit([machine["load_scalar"]], made), made, size)
            return
        unaligned = made.align < min(size, 32)
        count = max(1, size // 32) + unaligned
        parts = self._emit([machine["load_vector"]] * count, made)
        self._memory.add(place, parts, made, size)
        if unaligned:
            self._emit([machine["vector_move"]] * max(1, size // 64), made, (made.result,))

    def _fused_load(self, made: Instruction, load: Instruction, row: Operation) -> None:
        """One loading conversion for each 256 bits that the conversion reads."""
        if row.fuse_load is None:
            return
        size = type_bytes(load.type)
        read = min(size, row.fuse_bytes)
        self._made.loaded += read
        made_by = self._emit([row.fuse_load] * max(1, read // 32), made, load.uses)
        self._memory.add(self._place[id(load)], made_by, load, size)

    def _store(self, made: Instruction) -> None:
        if of_headers(made):
            return
        size = type_bytes(made.type)
        self._made.stored += size
        machine, place = self._table.machine, self._place[id(made)]
        if size < 16 and not is_vector(made.type):
            self._made.subword_stores += size < 4
            op = machine["store_part" if size < 4 else "store_scalar"]
            self._memory.add(place, self._emit([op], made), made, size)
            return
        op, uses = machine["store_vector"], made.uses
        fused = self._stored_operation(made)
        if fused is not None:
            row = self._row(fused)
            if row is not None and row.fuse_store is not None:
                op, uses = row.fuse_store, (*fused.uses, *made.uses)
        count = max(1, size // 32) + (made.align < min(size, 32))
        self._memory.add(place, self._emit([op] * count, made, uses), made, size)

    def _stored_operation(self, made: Instruction) -> Instruction | None:
        """The operation that the store does together with itself."""
        value = made.uses[0] if made.uses and f" {made.uses[0]}, ptr" in made.text else ""
        found = self._registers.mine.get(self._registers.origin(value)) if value else None
        row = self._row(found) if found is not None else None
        if found is None or row is None or row.fuse_store is None or not self._only_stored(found):
            return None
        return found

    # -- dependences on the iteration before

    def _loop_dependences(self) -> None:
        """A phi's users depend on the value of the iteration before."""
        heads = dict(self._made.loop_edges)
        nodes = self._made.nodes
        own = {node.origin.result for node in nodes if node.origin.opcode in _RENAMED}
        reads = [self._names_read(node, own) & heads.keys() for node in nodes]
        for phi, back in heads.items():
            distance, value, seen = 1, back, set[str]()
            while value in heads and value not in seen:
                seen.add(value)
                distance, value = distance + 1, heads[value]
            for source in self._made.result.get(value, ()):
                for index, node in enumerate(nodes):
                    if phi in reads[index]:
                        latency = nodes[source].op.latency_to(node.op)
                        node.preds.append((source, latency, distance))

    def _names_read(self, node: Node, own: set[str]) -> set[str]:
        """Values the node's instruction reads, back to phis through what has no operation (`own`
        are the results of those that have one)."""
        mine = self._registers.mine
        found: set[str] = set()
        todo = list(node.origin.uses)
        if node.origin.opcode == "store":
            fused = self._stored_operation(node.origin)
            todo += fused.uses if fused is not None else ()
        while todo:
            name = todo.pop()
            if name in found:
                continue
            found.add(name)
            made = mine.get(name)
            if made is not None and made.opcode in _RENAMED and name not in own:
                todo.extend(made.uses)
        return found


def copy_cycles(size: int, table: CostTable) -> int:
    """Cycles a block copy of `size` bytes takes beside its call: each byte loaded and stored."""
    return 2 * size * 8 // table.limits["store_bits"]
