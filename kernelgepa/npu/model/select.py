"""Instruction selection: IR instructions of a block -> machine operations and their dependences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from kernelgepa.npu.ir import Block, Function, Instruction, Module
from kernelgepa.npu.irtypes import TypeSizes
from kernelgepa.npu.model.address import Addresses
from kernelgepa.npu.model.costs import CostTable, MachineOp, Operation
from kernelgepa.npu.model.induction import inductions
from kernelgepa.npu.model.memory import Memory, of_headers
from kernelgepa.npu.model.native import Native, native_intrinsic, native_price
from kernelgepa.npu.model.node import Node, Selected
from kernelgepa.npu.model.parts import PART, Parts, laid, share, shuffled, size_of
from kernelgepa.npu.model.registers import Registers, is_vector, renames
from kernelgepa.npu.model.scalar import Price, call_price, intrinsic_price, scalar_price
from kernelgepa.npu.model.transfer import copy_cycles, crossing, pieces

_NOTHING = "getelementptr bitcast freeze alloca ptrtoint inttoptr unreachable ret br"
_FREE = frozenset(_NOTHING.split())
_CONSTANT_SIZE = re.compile(r"i(?:32|64) (\d+), i1")
_TOUCHING = ("call", "indirect_call", "copy")  # library rows that may read and write memory
_COMPARISONS = ("__aie_vlt_", "__aie_vge_", "__aie_veq_")
_ALL_LANES = re.compile(rf", (?:{'|'.join(str(2**n - 1) for n in (4, 8, 16, 32))})$")
_ZERO_TEST = re.compile(r"icmp (?:samesign )?(?:eq|ne) i\d+ %\S+, 0$")
_VECTOR = re.compile(r"<\d+ x \w+>")
_VECTOR_OPERAND = re.compile(r"<\d+ x \w+> (%[\w.$-]+)")
_WITH_ITSELF = ("vmax_", "vmin_", "vband", "vbor", "vsel_")  # computes nothing of one value twice
_RENAMED = ("shufflevector", "bitcast", "freeze", "zext", "sext", "trunc", "getelementptr")


TABLE_CASES = 4  # fewer are compared one by one


class Selector:
    """Selects one block of a function."""

    def __init__(self, module: Module, function: Function, block: Block, table: CostTable) -> None:
        self._module, self._block, self._table = module, block, table
        self.looping = block.label in block.successors
        self._registers = Registers(function, block)
        sizes = TypeSizes(module.types)
        addresses = Addresses(function, block if self.looping else None, sizes)
        self.addresses = addresses
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
        if made.opcode in ("extractvalue", "insertvalue") and _VECTOR.search(made.text):
            self._rename(made)  # registers of a value that is returned in several
        elif moves := crossing(made):
            self._emit([self._table.machine[name] for name in moves], made)
        elif made.opcode in _FREE or made.result in self._made.inductions:
            self._rename(made)
        elif made.opcode == "switch":
            self._switch(made)
        elif made.opcode == "phi":
            self._phi(made)
        elif made.opcode == "load":
            self._load(made)
        elif made.opcode == "store":
            self._store(made)
        elif made.opcode == "call":
            self._call(made)
        elif _VECTOR.search(made.text):
            if made.opcode == "shufflevector" and renames(made):
                self._rename(made)
            else:
                self._native(native_price(made), made)
        elif self._costs_nothing(made):
            self._rename(made)
        else:
            self._price(scalar_price(made), made)

    def _rename(self, made: Instruction) -> None:
        """The result is made by whatever makes the operands."""
        sources = self._made.makers(*made.uses)
        if not sources or not made.result:
            return
        moved = shuffled(made.text, self._made.parts) if made.opcode == "shufflevector" else ()
        if made.opcode in ("bitcast", "freeze") and is_vector(made.type):
            moved = self._made.parts[made.uses[0]]
        self._made.parts[made.result] = moved or (sources,)

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
        apart: bool = False,
    ) -> tuple[int, ...]:
        """Operations side by side, which together make the instruction's result.

        `apart`: each works on its share of the operands' lanes.
        """
        names, each = made.uses if uses is None else uses, tuple(ops)
        indices = []
        for k, op in enumerate(each):
            indices.append(self._node(op, made, self._sources(names, k, len(each), apart), live))
        self._result(made, indices)
        return tuple(indices)

    def _sources(self, names: Iterable[str], k: int, count: int, apart: bool) -> list[int]:
        if not apart:
            return list(self._made.makers(*names))
        shares = (share(self._made.parts.get(name, ((),)), k, count) for name in names)
        return [node for nodes in shares for node in nodes]

    def _result(self, made: Instruction, indices: Sequence[int]) -> None:
        if made.result and indices:
            self._made.parts[made.result] = laid(indices, size_of(made.type))
            for index in indices:
                self._made.nodes[index].bits = 8 * size_of(made.type) // len(indices)

    def _node(self, op: MachineOp, made: Instruction, sources: Iterable[int], live: bool) -> int:
        nodes = self._made.nodes
        preds = [(s, nodes[s].op.latency_to(op), 0) for s in dict.fromkeys(sources)]
        nodes.append(Node(op, made, live and not op.move and not op.lowered, preds))
        return len(nodes) - 1

    def _switch(self, made: Instruction) -> None:
        """A jump table, or a comparison for each of a few cases."""
        cases = len(re.findall(r"label", made.text)) - 1
        machine = self._table.machine
        if cases >= TABLE_CASES:
            self._made.tests = self._steps(
                (machine["scalar"], machine["load_scalar"]),
                made,
                False,
                self._made.makers(*made.uses),
            )
        else:
            self._made.tests = list(self._emit([machine["scalar"]] * cases, made))
            self._made.jumps = max(1, cases)

    def _chain(self, ops: tuple[MachineOp, ...], made: Instruction, live: bool) -> None:
        """Operations one after another; each may read the operands."""
        self._result(made, self._steps(ops, made, live, self._made.makers(*made.uses)))

    def _steps(
        self, ops: Iterable[MachineOp], made: Instruction, live: bool, operands: Iterable[int]
    ) -> list[int]:
        last: list[int] = []
        for op in ops:
            last = [self._node(op, made, [*operands, *last], live)]
        return last

    def _price(self, price: Price, made: Instruction) -> None:
        ops = tuple(self._table.machine[name] for name in price.ops)
        if price.library:
            self._library(price.library, made, price.calls)
        elif price.parallel:
            self._emit(ops, made)
        else:
            self._chain(ops, made, False)

    def _native(self, price: Native, made: Instruction) -> None:
        """Chains of operations side by side; what the headers would count as products counts."""
        rows = [self._table.operation(name) for name in price.operations]
        ops = [self._table.machine[name] for name in price.machine]
        ops += [op for row in rows for op in row.ops]
        last: list[int] = []
        for k in range(price.times):
            operands = self._sources(made.uses, k, price.times, price.apart)
            last += self._steps(ops, made, True, operands)
        self._result(made, last)
        if price.library:
            self._library(price.library, made, price.calls)
        for row in rows:
            self._made.macs += row.macs * price.times
            self._made.peak = max(self._made.peak, row.peak)

    def _library(self, name: str, made: Instruction, times: int = 1) -> None:
        self._made.library[name] = self._made.library.get(name, 0) + times
        self._made.library_cycles += self._table.library[name] * times
        nodes = self._emit([self._table.machine["library_call"]], made)
        for index in nodes:
            self._made.nodes[index].bits = 0
        self._made.calls += nodes
        if name in _TOUCHING or re.search(r"[(,] ?ptr ", made.text):
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
        elif name.startswith("llvm.") and is_vector(made.type):
            self._native(native_intrinsic(made, name.split(".")[1]), made)
        elif name.startswith("llvm."):
            self._price(intrinsic_price(made, name.removeprefix("llvm.")), made)
        elif name in self._module.functions:
            self._library("call", made)
        else:
            self._price(call_price(made), made)

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
        if any(op.memory for op in row.ops):  # its addresses are lanes: anything may be read
            self._made.loaded += self._table.limits["load_bits"] // 8
            self._memory.touch(self._place[id(made)], self._emit(row.ops, made), store=False)
            return
        load = self._fused_loads.get(made.result)
        if load is not None and row.fuse_load is not None:
            self._fused_load(made, load, row)
            return
        if row.fuse_store is not None and self._only_stored(made):
            self._made.parts[made.result] = self._joined(made)  # the store does it
            return
        name, operands = made.callee.removeprefix("__aie_"), made.uses[:2]
        same = len(operands) == 2 and len(set(operands)) == 1
        live = not (same and name.startswith(_WITH_ITSELF))
        times = len(dict.fromkeys(operands)) if row.halves else 1
        if times > 1:
            self._emit(row.ops * times, made, live=live)
        else:
            self._chain(row.ops, made, live)

    def _joined(self, made: Instruction) -> Parts:
        """Parts of a conversion by those of its vector operands, laid end to end."""
        known = self._made.parts
        names = _VECTOR_OPERAND.findall(made.text)
        parts = tuple(part for name in names for part in known.get(name, ((),)))
        others = self._made.makers(*(name for name in made.uses if name not in names))
        count = max(1, size_of(made.type) // PART)
        return tuple((*share(parts, k, count), *others) for k in range(count))

    def _only_stored(self, made: Instruction) -> bool:
        """Whether its result goes to stores of this block alone."""
        users = self._registers.final_users(made.result)
        return bool(users) and all(
            u.opcode == "store"
            and self._registers.inside(u)
            and u.align >= min(size_of(u.type), 32)
            and not re.search(rf"ptr {re.escape(made.result)}\b", u.text)
            for u in users
        )

    # -- memory

    def _load(self, made: Instruction) -> None:
        if of_headers(made) or made.result in self._skip:
            return
        size = size_of(made.type)
        self._made.loaded += size
        machine, place = self._table.machine, self._place[id(made)]
        if size < 16 or not is_vector(made.type):
            accesses = pieces(size, made.align)
            loads = self._emit([machine["load_scalar"]] * len(accesses), made)
            self._memory.add(place, loads, made, size)
            if len(accesses) > -(-size // 4):  # put together by shifts
                self._chain((machine["scalar"],) * (2 * len(accesses) - 2), made, False)
            return
        unaligned = made.align < min(size, 32)
        count = -(-size // 32) + unaligned
        straight = not unaligned and self._registers.accumulated(made.result)
        kind = "load_acc" if straight else "load_vector"
        parts = self._emit([machine[kind]] * count, made)
        self._memory.add(place, parts, made, size)
        if unaligned:
            self._emit([machine["vector_move"]] * max(1, size // 64), made, (made.result,))

    def _fused_load(self, made: Instruction, load: Instruction, row: Operation) -> None:
        """One loading conversion for each 256 bits that the conversion reads."""
        if row.fuse_load is None:
            return
        size = size_of(load.type)
        read = min(size, row.fuse_bytes)
        self._made.loaded += read
        made_by = self._emit([row.fuse_load] * max(1, read // 32), made, load.uses)
        self._memory.add(self._place[id(load)], made_by, load, size)

    def _store(self, made: Instruction) -> None:
        if of_headers(made):
            return
        size = size_of(made.type)
        self._made.stored += size
        machine, place = self._table.machine, self._place[id(made)]
        if size < 16 or not is_vector(made.type):
            accesses = pieces(size, made.align)
            self._made.subword_stores += sum(piece < 4 for piece in accesses)
            ops = [machine["store_part" if piece < 4 else "store_scalar"] for piece in accesses]
            self._memory.add(place, self._emit(ops, made), made, size)
            return
        op = machine["store_vector"]
        fused = self._stored_operation(made)
        if fused is not None:
            row = self._row(fused)
            if row is not None and row.fuse_store is not None:
                op = row.fuse_store
        if made.align < min(size, 32):
            self._merge(made, size)
            return
        stores = self._emit([op] * -(-size // 32), made, apart=True)
        self._memory.add(place, stores, made, size)

    def _merge(self, made: Instruction, size: int) -> None:
        """A store across registers of memory: the first and the last are read, and what lies
        outside is written back."""
        machine, touched = self._table.machine, -(-size // 32) + 1
        reads = [self._node(machine["load_vector"], made, (), False) for _ in range(2)]
        values = self._made.makers(*made.uses)
        moved = [self._node(machine["vector"], made, values, False) for _ in range(touched)]
        for k in (0, -1):
            moved[k] = self._node(machine["vector"], made, (moved[k], reads[k]), False)
        stores = [self._node(machine["store_vector"], made, (node,), False) for node in moved]
        place = self._place[id(made)]
        self._memory.add(place, reads, made, size, margin=31)
        self._memory.add(place + 0.5, stores, made, size, margin=31)

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
            for source in self._made.makers(value):
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
