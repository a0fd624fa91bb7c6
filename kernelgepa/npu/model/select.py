"""Instruction selection: IR instructions of a block -> machine operations and their dependences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kernelgepa.npu.ir import Block, Function, Instruction, Module
from kernelgepa.npu.lower import type_bytes
from kernelgepa.npu.model.address import (
    Access,
    Addresses,
    distances,
    may_alias,
    pointer_of,
    root_of,
)
from kernelgepa.npu.model.costs import CostTable, MachineOp

MATHS = frozenset(
    "exp exp2 exp10 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh "
    "asinh acosh atanh pow fmod remainder hypot cbrt erf erfc tgamma lgamma ldexp scalbn".split()
)
_FREE = frozenset({"getelementptr", "bitcast", "freeze", "alloca", "ptrtoint", "inttoptr",
                   "unreachable", "addrspacecast", "ret"})  # fmt: skip
_ALU = frozenset({"add", "sub", "and", "or", "xor", "shl", "lshr", "ashr", "icmp", "select",
                  "zext", "sext", "trunc", "extractvalue", "insertvalue"})  # fmt: skip
_VECTOR = re.compile(r"^<(\d+) x (\w+)>$")
_CONSTANT_SIZE = re.compile(r"i(?:32|64) (\d+), i1")


@dataclass
class Node:
    """One machine operation of the block. Edges: (predecessor, latency, distance)."""

    op: MachineOp
    origin: Instruction
    live_vector: bool
    preds: list[tuple[int, int, int]] = field(default_factory=list)
    bits: int = 0  # of its result, for register pressure
    fused: bool = False


@dataclass
class Selected:
    """The block's operations, and what cannot be scheduled among them."""

    nodes: list[Node]
    library: dict[str, int]
    library_cycles: int
    result: dict[str, int]  # IR value -> node that produces it
    subword_stores: int
    loaded: int
    stored: int
    macs: int
    peak: int
    inductions: frozenset[str]
    loop_edges: list[tuple[str, str]]  # (phi, value it takes from the iteration before)


class Selector:
    """Selects one block of a function."""

    def __init__(self, module: Module, function: Function, block: Block, table: CostTable) -> None:
        self._module, self._function, self._block, self._table = module, function, block, table
        self.looping = block.label in block.successors
        self._addresses = Addresses(function, block if self.looping else None)
        self._uses: dict[str, list[Instruction]] = {}
        for b in function.blocks:
            for i in b.instructions:
                for name in i.uses:
                    self._uses.setdefault(name, []).append(i)
        self._objects = _objects(module, function)
        self._made = Selected([], {}, 0, {}, 0, 0, 0, 0, 1, frozenset(), [])
        self._accesses: list[tuple[int, int, Access]] = []  # place in the block, node, access
        self._place = {id(i): n for n, i in enumerate(block.instructions)}
        self._fusable_loads: dict[str, Instruction] = {}
        self._skip: set[str] = set()

    def run(self) -> Selected:
        self._find_inductions()
        self._find_fusions()
        for instruction in self._block.instructions:
            self._select(instruction)
        self._loop_dependences()
        self._memory_dependences()
        return self._made

    # -- what costs nothing

    def _find_inductions(self) -> None:
        """Values that only count or address: folded into post-increments and hardware loops."""
        mine = {i.result: i for i in self._block.instructions if i.result}
        free: set[str] = set()
        changed = True
        addressing = {"getelementptr", "load", "store", "icmp", "phi", "br"}
        while changed:
            changed = False
            for name, made in mine.items():
                if name in free or made.opcode not in (
                    "phi", "add", "sub", "shl", "icmp", "mul", "zext", "sext", "or"):  # fmt: skip
                    continue
                if made.opcode != "icmp" and not self._is_integer(made):
                    continue
                linear = self._addresses.of(name)
                if made.opcode != "icmp" and (self.looping and (name, 1) in linear.terms):
                    continue
                users = self._uses.get(name, [])
                if all(self._harmless(name, u, free, addressing) for u in users):
                    free.add(name)
                    changed = True
        if not self.looping:
            free = {n for n in free if mine[n].opcode not in ("icmp",)}
        self._made.inductions = frozenset(free)

    def _is_integer(self, made: Instruction) -> bool:
        return bool(re.match(r"i\d+$|ptr$", made.type))

    def _harmless(
        self, name: str, user: Instruction, free: set[str], addressing: set[str]
    ) -> bool:
        if user.result in free or user.result == name:
            return True
        if user.opcode == "store" and re.search(rf" {re.escape(name)}, ptr", user.text):
            return False
        if user.opcode == "phi":
            return user not in self._block.instructions or user.result in free or (
                self.looping and self._addresses.of(user.result).stride != 0
            )
        if user.opcode == "icmp":
            return self.looping and user in self._block.instructions
        return user.opcode in addressing

    def _find_fusions(self) -> None:
        """Loads whose only use is one widening conversion, to be one instruction with it."""
        for made in self._block.instructions:
            row = self._row(made)
            if row is None or row.fuse_load is None or not made.uses:
                continue
            source = made.uses[0]
            loads = {i.result: i for i in self._block.instructions if i.opcode == "load"}
            origin = self._through(source)
            users = self._uses.get(origin, [])
            if origin in loads and all(self._widens(u) for u in users):
                self._fusable_loads[made.result] = loads[origin]
                self._skip.add(origin)

    def _through(self, name: str) -> str:
        """Looks through free register renaming."""
        mine = {i.result: i for i in self._block.instructions}
        while (made := mine.get(name)) and made.opcode in ("shufflevector", "bitcast", "freeze"):
            if not self._renames(made) or not made.uses:
                break
            name = made.uses[0]
        return name

    def _widens(self, user: Instruction) -> bool:
        if user.opcode in ("shufflevector", "bitcast", "freeze") and self._renames(user):
            return all(self._widens(u) for u in self._uses.get(user.result, []))
        row = self._row(user)
        return row is not None and row.fuse_load is not None

    def _renames(self, made: Instruction) -> bool:
        """A shuffle that only names, joins or splits whole 256-bit halves."""
        if made.opcode != "shufflevector":
            return True
        lanes = re.search(r"<\d+ x i32> (<[^<>]*>|zeroinitializer|poison|splat[^,]*)$", made.text)
        if lanes is None or not lanes[1].startswith("<"):
            return False
        index = [int(v) if v.isdigit() else -1 for v in re.findall(r"i32 (\w+)", lanes[1])]
        kind = _VECTOR.match(re.sub(r"^shufflevector ", "", made.type)) or re.search(
            r"shufflevector <(\d+) x (\w+)>", made.text
        )
        if kind is None:
            return False
        width = type_bytes(f"<1 x {kind[2]}>")
        unit = 16 if len(index) * width <= 16 and index and index[0] in (0, -1) else 32
        per = max(1, unit // width)
        for start in range(0, len(index), per):
            group = [v for v in index[start : start + per]]
            known = [(k, v) for k, v in enumerate(group) if v >= 0]
            if known and any(v - k != known[0][1] - known[0][0] for k, v in known):
                return False
            if known and (known[0][1] - known[0][0]) % per:
                return False
        return True

    # -- selection

    def _row(self, made: Instruction):  # type: ignore[no-untyped-def]
        if made.callee.startswith("__aie_"):
            return self._table.operation(made.callee.removeprefix("__aie_"))
        return None

    def _select(self, made: Instruction) -> None:
        if made.opcode in _FREE or made.result in self._made.inductions:
            self._rename(made)
        elif made.opcode == "phi":
            self._phi(made)
        elif made.opcode in ("br", "switch"):
            self._terminator(made)
        elif made.opcode == "load":
            self._load(made)
        elif made.opcode == "store":
            self._store(made)
        elif made.opcode == "call":
            self._call(made)
        elif self._vector_type(made):
            self._vector_instruction(made)
        else:
            self._scalar_instruction(made)

    def _rename(self, made: Instruction) -> None:
        for name in made.uses:
            if name in self._made.result and made.result:
                self._made.result[made.result] = self._made.result[name]
                return

    def _phi(self, made: Instruction) -> None:
        arms = dict((b, v) for v, b in re.findall(r"\[ ([^,]+), (%[\w.$-]+) \]", made.text))
        back = arms.get(self._block.label)
        if self.looping and back and back.startswith("%"):
            self._made.loop_edges.append((made.result, back))

    def _terminator(self, made: Instruction) -> None:
        condition = made.uses[0] if made.uses else ""
        node = self._made.result.get(condition)
        if node is not None:
            return

    def _emit(
        self, op: MachineOp, made: Instruction, uses: tuple[str, ...] | None = None,
        after: int | None = None, live: bool = False,
    ) -> int:  # fmt: skip
        node = Node(op, made, live and not op.move and not op.lowered)
        index = len(self._made.nodes)
        for name in made.uses if uses is None else uses:
            source = self._made.result.get(name)
            if source is not None:
                node.preds.append((source, self._latency(source, op, name), 0))
        if after is not None:
            node.preds.append((after, self._latency(after, op, ""), 0))
        self._made.nodes.append(node)
        if made.result:
            self._made.result[made.result] = index
            node.bits = 8 * type_bytes(made.type)
        return index

    def _latency(self, source: int, op: MachineOp, name: str) -> int:
        producer = self._made.nodes[source].op
        use = op.acc_use if producer.acc and op.acc_use != op.use else op.use
        latency = producer.defined - use + 1
        if producer.bypass and producer.bypass == op.bypass:
            latency -= 1
        return latency

    def _chain(self, ops: tuple[MachineOp, ...], made: Instruction, live: bool) -> int | None:
        """Operations of one row: independent while they read the operands, the last one joins."""
        last: int | None = None
        for op in ops:
            last = self._emit(op, made, None, last, live)
        return last

    def _vector_type(self, made: Instruction) -> bool:
        return bool(_VECTOR.match(made.type)) or " <" in made.text.split(",")[0]

    def _vector_instruction(self, made: Instruction) -> None:
        """Arithmetic on native vector types, and shuffles that move less than 256 bits."""
        machine = self._table.machine
        if made.opcode == "shufflevector" and self._renames(made):
            self._rename_all(made)
            return
        size = type_bytes(made.type) if _VECTOR.match(made.type) else 64
        times = max(1, (size + 63) // 64)
        kind = made.opcode
        op = machine["vector"]
        if kind in ("fadd", "fsub"):
            op = machine["acc_add_f"]
        elif kind in ("fmul", "mul"):
            op = machine["vmac_float" if kind == "fmul" else "vmac"]
        elif kind in ("shufflevector", "insertelement", "extractelement"):
            op = machine["vector_move"]
        elif kind in ("fdiv", "sdiv", "udiv", "srem", "urem", "frem"):
            self._library("vector_divide_16", made)
            return
        for _ in range(times):
            self._emit(op, made, live=True)

    def _rename_all(self, made: Instruction) -> None:
        """A join of two halves depends on both: the later one stands for it."""
        sources = [self._made.result[n] for n in made.uses if n in self._made.result]
        if sources:
            self._made.result[made.result] = max(sources)

    def _scalar_instruction(self, made: Instruction) -> None:
        machine, kind = self._table.machine, made.opcode
        wide = bool(re.match(r"i(?:64|128)$", made.type)) or " i64 " in made.text
        real = re.search(r"\b(double|float|bfloat)\b", made.text)
        if kind in ("fadd", "fsub"):
            if real and real[1] == "double":
                self._library("double", made)
                return
            self._chain((machine["float_move"], machine["float_lane"], machine["float_move"]),
                        made, False)  # fmt: skip
        elif kind in ("fpext", "fptrunc"):
            if real and "double" in made.text:
                self._library("double", made)
            elif kind == "fpext":
                self._emit(machine["scalar"], made)
            else:
                self._chain((machine["float_move"], machine["vconv"], machine["float_move"]),
                            made, False)  # fmt: skip
        elif kind == "fneg":
            self._emit(machine["scalar"], made)
        elif kind in _FLOAT_CALLS:
            self._library("double" if real and real[1] == "double" else _FLOAT_CALLS[kind], made)
        elif kind in ("sdiv", "udiv", "srem", "urem"):
            self._library("int64" if wide else "int_divide", made)
        elif kind == "mul":
            if wide:
                self._library("int64", made)
            else:
                self._emit(machine["scalar_mul"], made)
        elif kind in ("zext", "sext", "trunc") and self._extends_free(made):
            self._rename(made)
        else:
            for _ in range(2 if wide and kind != "icmp" else 1):
                self._emit(machine["scalar"], made)

    def _extends_free(self, made: Instruction) -> bool:
        """Loads extend; truncation and a comparison's bit need nothing."""
        if made.opcode == "trunc" or " i1 " in made.text or made.text.endswith(" to i64"):
            return True
        mine = {i.result: i for i in self._block.instructions}
        source = mine.get(made.uses[0]) if made.uses else None
        return source is not None and source.opcode == "load"

    def _library(self, name: str, made: Instruction) -> None:
        counts = self._made.library
        counts[name] = counts.get(name, 0) + 1
        self._made.library_cycles += self._table.library[name]
        self._rename_result(made)

    def _rename_result(self, made: Instruction) -> None:
        if made.result:
            self._made.result.pop(made.result, None)

    def _call(self, made: Instruction) -> None:
        row = self._row(made)
        if row is not None:
            self._operation(made)
            return
        name = made.callee
        if not name:
            self._library("indirect_call", made)
        elif name.startswith("llvm."):
            self._intrinsic(made, name.removeprefix("llvm."))
        elif name in self._module.functions:
            self._library("call", made)
        elif name.rstrip("f") in MATHS or name in MATHS:
            self._library("maths", made)
        elif name in ("sqrtf", "sqrt"):
            self._library("root", made)
        else:
            self._library("maths", made)

    def _intrinsic(self, made: Instruction, name: str) -> None:
        base = name.split(".")[0]
        machine = self._table.machine
        vector = bool(_VECTOR.match(made.type))
        if base in ("memcpy", "memmove", "memset"):
            size = _CONSTANT_SIZE.search(made.text)
            moved = int(size[1]) if size else 64
            self._made.library_cycles += 2 * moved * 8 // self._table.limits["store_bits"]
            self._library("copy", made)
        elif base in MATHS:
            self._library("maths", made)
        elif base == "sqrt":
            self._library("root", made)
        elif base in ("smax", "smin", "umax", "umin", "abs"):
            if vector:
                for _ in range(max(1, type_bytes(made.type) // 64)):
                    self._emit(machine["vector"], made, live=True)
            else:
                self._chain((machine["scalar"], machine["scalar"]), made, False)
        elif base in ("fabs", "copysign"):
            for _ in range(max(1, type_bytes(made.type) // 64) if vector else 1):
                self._emit(machine["vector" if vector else "scalar"], made, live=vector)
        elif base in ("maxnum", "minnum", "maximum", "minimum", "maximumnum", "minimumnum", "is"):
            self._library("float_compare", made)
        elif base in ("floor", "ceil", "trunc", "rint", "nearbyint", "round", "roundeven"):
            self._library("float_to_int", made)
        elif base in ("fma", "fmuladd"):
            self._library("float_multiply", made)
        elif base in ("lifetime", "assume", "experimental", "dbg", "invariant", "donothing"):
            return
        elif base in ("ctpop", "cttz", "bitreverse", "bswap"):
            self._chain((machine["scalar"],) * 4, made, False)
        else:
            wide = max(1, type_bytes(made.type) // 64)
            op = machine["vector" if vector else "scalar"]
            self._chain((op,) * (2 * wide), made, vector)

    def _operation(self, made: Instruction) -> None:
        row = self._table.operation(made.callee.removeprefix("__aie_"))
        self._made.macs += row.macs
        self._made.peak = max(self._made.peak, row.peak)
        if row.library:
            self._library(row.library, made)
            return
        if made.result in self._fusable_loads and row.fuse_load is not None:
            self._fused_load(made, self._fusable_loads[made.result], row.fuse_load)
            return
        if row.fuse_store is not None and self._stored_only(made):
            node = Node(self._table.machine["vector"], made, False)
            node.fused = True
            return
        self._chain(row.ops, made, True)

    def _stored_only(self, made: Instruction) -> bool:
        """Only use is a store in this block (through free renaming): one instruction with it."""
        users = self._uses.get(made.result, [])
        if not users:
            return False
        for user in users:
            if user.opcode == "shufflevector" and self._renames(user):
                if not self._stored_only(user):
                    return False
            elif not (
                user.opcode == "store"
                and user in self._block.instructions
                and not re.search(rf"ptr {re.escape(made.result)}\b", user.text)
            ):
                return False
        return True

    # -- memory

    def _access(self, made: Instruction, store: bool, size: int) -> Access:
        pointer = pointer_of(made.text)
        form = self._addresses.of(pointer)
        root = root_of(form, self._objects)
        constant = root.startswith("@") and " constant " in f" {self._module.globals.get(root[1:], '')}"
        return Access(store, form, size, root, made.scopes, made.noalias, constant)

    def _load(self, made: Instruction) -> None:
        size = type_bytes(made.type)
        if pointer_of(made.text).startswith("@_ZN3aie6detailL") or made.result in self._skip:
            return
        self._made.loaded += size
        machine = self._table.machine
        if size < 16 and not _VECTOR.match(made.type):
            index = self._emit(machine["load_scalar"], made)
            self._accesses.append((self._place[id(made)], index, self._access(made, False, size)))
            return
        parts = max(1, size // 32)
        unaligned = made.align < min(size, 32)
        previous: list[int] = []
        for _ in range(parts + (1 if unaligned else 0)):
            index = self._emit(machine["load_vector"], made)
            self._accesses.append((self._place[id(made)], index, self._access(made, False, size)))
            previous.append(index)
        if unaligned:
            for index in previous:
                self._made.nodes[index].bits = 256
            shift = self._emit(machine["vector_move"], made, ())
            self._made.nodes[shift].preds += [(i, machine["load_vector"].defined, 0) for i in previous]

    def _fused_load(self, made: Instruction, load: Instruction, op: MachineOp) -> None:
        index = self._emit(op, made, load.uses)
        self._made.loaded += 32 if op.acc else type_bytes(load.type) // 2
        access = self._access(load, False, type_bytes(load.type))
        self._accesses.append((self._place[id(load)], index, access))
        if type_bytes(made.type) > 64:
            self._made.nodes[index].bits = 1024

    def _store(self, made: Instruction) -> None:
        if pointer_of(made.text).startswith("@_ZN3aie6detailL"):
            return
        size = type_bytes(made.type)
        self._made.stored += size
        machine = self._table.machine
        value = made.uses[0] if made.uses and f" {made.uses[0]}, ptr" in made.text else ""
        if size < 16 and not _VECTOR.match(made.type):
            part = size < 4
            self._made.subword_stores += part
            index = self._emit(machine["store_part" if part else "store_scalar"], made)
            self._accesses.append((self._place[id(made)], index, self._access(made, True, size)))
            return
        origin = self._through(value) if value else ""
        fused = next((i for i in self._block.instructions if i.result == origin), None)
        row = self._row(fused) if fused else None
        op, uses = machine["store_vector"], made.uses
        if row is not None and row.fuse_store is not None and fused and self._stored_only(fused):
            op, uses = row.fuse_store, (*fused.uses, *made.uses)
        for _ in range(max(1, size // 32) + (1 if made.align < min(size, 32) else 0)):
            index = self._emit(op, made, uses)
            self._accesses.append((self._place[id(made)], index, self._access(made, True, size)))

    # -- dependences

    def _loop_dependences(self) -> None:
        """A phi's users depend on the value of the iteration before."""
        heads = dict(self._made.loop_edges)
        users: dict[str, list[tuple[int, str]]] = {}
        for index, node in enumerate(self._made.nodes):
            for name in self._names_read(node):
                if name in heads:
                    users.setdefault(name, []).append((index, name))
        for phi, back in heads.items():
            distance, value, seen = 1, back, set[str]()
            while value in heads and value not in seen:
                seen.add(value)
                distance, value = distance + 1, heads[value]
            source = self._made.result.get(value)
            for index, name in users.get(phi, []):
                if source is not None:
                    op = self._made.nodes[index].op
                    self._made.nodes[index].preds.append(
                        (source, self._latency(source, op, name), distance)
                    )

    def _names_read(self, node: Node) -> set[str]:
        """Values the node's instruction reads, through free renaming back to phis."""
        mine = {i.result: i for i in self._block.instructions if i.result}
        found: set[str] = set()
        todo = list(node.origin.uses)
        if node.origin.opcode == "store":
            todo += [u for n in node.origin.uses if (m := mine.get(self._through(n))) and self._row(m)
                     for u in m.uses if self._made.result.get(m.result) is None]  # fmt: skip
        while todo:
            name = todo.pop()
            if name in found:
                continue
            found.add(name)
            made = mine.get(name)
            free = made is not None and (
                made.opcode in ("shufflevector", "bitcast", "freeze", "zext", "sext", "trunc",
                                "getelementptr")
            )  # fmt: skip
            if made is not None and free:
                todo.extend(made.uses)
        return found

    def _memory_dependences(self) -> None:
        separate = self._objects
        ordered = sorted(self._accesses, key=lambda access: access[:2])
        for k, (here, i, a) in enumerate(ordered):
            for there, j, b in ordered[k + 1 :]:
                if not (a.store or b.store) or here == there:
                    continue
                if not may_alias(a, b, separate):
                    continue
                self._order(i, a, j, b)

    def _order(self, i: int, a: Access, j: int, b: Access) -> None:
        """Edges between two accesses in program order, in this and in later iterations."""
        forward, backward = distances(a, b), distances(b, a)
        ahead = [0] if forward is None else forward[:1]
        for distance in ahead:
            if distance == 0 or self.looping:
                self._made.nodes[j].preds.append((i, self._memory_latency(i, j), distance))
        if not self.looping:
            return
        behind = [1] if backward is None else [d for d in backward if d >= 1][:1]
        for distance in behind:
            self._made.nodes[i].preds.append((j, self._memory_latency(j, i), distance))

    def _memory_latency(self, first: int, second: int) -> int:
        one, two = self._made.nodes[first].op.memory, self._made.nodes[second].op.memory
        if one == "part":
            return 7
        if one == "late":
            return 3 if two == "load" else 1
        if one == "store":
            return 1
        return 0  # a load reads before a store of the same cycle writes


_FLOAT_CALLS: Mapping[str, str] = {
    "fmul": "float_multiply",
    "fdiv": "float_divide",
    "frem": "maths",
    "fcmp": "float_compare",
    "sitofp": "float_from_int",
    "uitofp": "float_from_int",
    "fptosi": "float_to_int",
    "fptoui": "float_to_int",
}


def _objects(module: Module, function: Function) -> dict[str, bool]:
    """Objects pointers may lie in; True where distinct from every other."""
    found = {name: name in function.noalias_parameters for name in function.parameters}
    found |= {f"@{name}": True for name in module.globals}
    for block in function.blocks:
        found |= {i.result: True for i in block.instructions if i.opcode == "alloca"}
    return found
