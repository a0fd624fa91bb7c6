"""Vectorises elementwise loops and reductions that the syntax tree shows to be such."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernelgepa.playbook.emit import Emitter
from kernelgepa.playbook.expressions import Index, Node, Unsupported, stripped, text_of
from kernelgepa.playbook.interpreter import Interpreter
from kernelgepa.playbook.kinds import BF16, F32, I32, Kind
from kernelgepa.playbook.loops import Counted, header, scope_before
from kernelgepa.playbook.syntax import (
    Edit,
    apply,
    assigned,
    find_function,
    identifiers,
    indentation,
    outermost_first,
    parse,
    text,
    walk,
)

if TYPE_CHECKING:
    from tree_sitter import Node as Tree

REGISTER_BITS = 512
VECTOR_CALLS = ("load_v", "load_unaligned_v", "begin_vector", "begin_restrict_vector")


@dataclass(frozen=True)
class Reduced:
    """A variable that gathers one value a trip: name = name op value."""

    name: str
    op: str  # add, min, max
    value: Node
    kind: Kind


@dataclass(frozen=True)
class Body:
    """What one trip does."""

    scope: Interpreter
    stores: dict[tuple[str, Index], Node]
    reduced: tuple[Reduced, ...]
    advanced: tuple[str, ...]  # pointers that have moved on by one element


def vectorise(source: str, function: str, fast: bool = False) -> tuple[str, list[str]]:
    """The source with every loop vectorised that can be, and why others were left alone.

    The text is unchanged where no loop could be.
    """
    root = parse(source)
    tree = find_function(root, function)
    if tree is None:
        return source, [f"no function {function}"]
    edits: list[Edit] = []
    reasons: list[str] = []
    for loop in outermost_first(tree):
        if any(e.start <= loop.start_byte < e.end for e in edits):
            continue
        try:
            edits.append(_vectorised(source, tree, loop, fast))
        except Unsupported as reason:
            reasons.append(f"line {loop.start_point[0] + 1}: {reason}")
    return apply(source, edits), reasons


def _vectorised(source: str, function: Tree, loop: Tree, fast: bool) -> Edit:
    if any(text(n).endswith(VECTOR_CALLS) for n in walk(loop) if n.type.endswith("identifier")):
        raise Unsupported("it is written with vectors")
    scope = scope_before(function, loop)
    counted = header(loop, scope)
    body = _interpreted(function, counted, scope)
    _independent(body)
    dry = _emitted(counted, body, 16, fast)
    lanes = REGISTER_BITS // dry[0].widest
    trips = counted.trips
    while trips is not None and trips < lanes and lanes * _narrowest(body) > 128:
        lanes //= 2
    if trips is not None and trips < lanes:
        raise Unsupported(f"{trips} trips are less than a vector")
    emitter, after = _emitted(counted, body, lanes, fast)
    made = _code(source, counted, body, emitter, after)
    return Edit(loop.start_byte, loop.end_byte, made)


def _interpreted(function: Tree, loop: Counted, scope: Interpreter) -> Body:
    """The body as a graph; variables written in it that live outside are carried or temporary."""
    inside = scope.branch()
    inside.counter = loop.variable
    inside.env[loop.variable] = inside.graph.counter(I32)
    inside.kinds[loop.variable] = I32
    written = assigned(loop.body)
    carried = [n for n in written if n in scope.env and n != loop.variable]
    for name in carried:
        inside.env[name] = inside.graph.carried(name, scope.kinds.get(name, I32))
    inside.walking = frozenset(n for n in written if n in scope.arrays)
    inside.run([loop.body])
    for name in inside.walking:
        if inside.moved.get(name) != 1:
            raise Unsupported(f"the pointer {name} does not advance by one element a trip")
    reduced = []
    for name in carried:
        found = _reduction(inside, name, scope.kinds.get(name, I32))
        if found is not None:
            reduced.append(found)
        elif name in _used_after(function, loop.tree):
            raise Unsupported(f"{name} is used after the loop")
    results = [*inside.stores.values(), *(r.value for r in reduced)]
    if any(n.op == "carried" for r in results for n in _below(r)):
        raise Unsupported("a value that depends on the trip before")
    if not results:
        raise Unsupported("it stores nothing")
    return Body(inside, inside.stores, tuple(reduced), tuple(sorted(inside.walking)))


def _reduction(inside: Interpreter, name: str, kind: Kind) -> Reduced | None:
    """name = name op value, or None where the variable is only a temporary."""
    final = stripped(inside.env[name])
    if not any(n.op == "carried" and n.attribute == name for n in _below(final)):
        return None
    if final.op not in ("add", "min", "max"):
        raise Unsupported(f"{name} depends on the trip before")
    sides = [stripped(a) for a in final.args]
    for mine, other in ((sides[0], final.args[1]), (sides[1], final.args[0])):
        if mine.op == "carried" and mine.attribute == name:
            if final.op == "add" and not kind.floating and kind.bits != 32:
                raise Unsupported(f"{name} is a sum of less than 32 bits")
            return Reduced(name, final.op, other, kind)
    raise Unsupported(f"{name} depends on the trip before")


def _below(node: Node) -> list[Node]:
    found, seen = [node], {id(node)}
    for n in found:
        for a in n.args:
            if id(a) not in seen:
                seen.add(id(a))
                found.append(a)
    return found


def _used_after(function: Tree, loop: Tree) -> set[str]:
    return {
        name
        for node in walk(function)
        if node.start_byte >= loop.end_byte and node.type == "identifier"
        for name in identifiers(node)
    }


def _independent(body: Body) -> None:
    """No trip may read what another one writes."""
    for array, index in body.scope.loads:
        for stored, place in body.stores:
            if array == stored and index != place:
                raise Unsupported(f"{array} is read and written at different places")
    places = [array for array, _ in body.stores]
    if len(set(places)) != len(places):
        raise Unsupported("several stores to one buffer")


def _narrowest(body: Body) -> int:
    """Bits of the narrowest element the loop touches."""
    arrays = {a for a, _ in body.stores} | {a for a, i in body.scope.loads if i.stride}
    return min((body.scope.arrays[a].bits for a in arrays), default=32)


def _emitted(loop: Counted, body: Body, lanes: int, fast: bool) -> tuple[Emitter, list[str]]:
    low = loop.low
    aligned = low.constant and int(low.number) % lanes == 0
    walked = Emitter(lanes, loop.variable, fast, aligned)
    for (array, index), node in body.stores.items():
        kind = body.scope.arrays[array]
        walked.widest = max(walked.widest, kind.bits)
        value = walked.floating(node, kind) if kind.floating else walked.integer(node, kind)
        function = "store_v" if walked.aligned(kind, index) else "store_unaligned_v"
        walked.body.append(f"aie::{function}({walked.place(array, index)}, {value});")
    after = [line for r in body.reduced for line in _gathered(walked, r)]
    return walked, after


def _gathered(emitter: Emitter, reduced: Reduced) -> list[str]:
    """Adds the vector of partial results; returns what follows the loop."""
    name, lanes = f"{reduced.name}_lanes", emitter.lanes
    node = reduced.value
    if reduced.op == "add" and reduced.kind.floating:
        emitter.widest = 32
        emitter.before.append(f"auto {name} = aie::zeros<accfloat, {lanes}>();")
        emitter.body.append(f"{name} = aie::add({name}, {emitter.accumulated(node)});")
        return [f"{reduced.name} += aie::reduce_add({name}.to_vector<float>());"]
    if reduced.op == "add":
        emitter.widest = 32
        emitter.before.append(f"auto {name} = aie::zeros<int32_t, {lanes}>();")
        emitter.body.append(f"{name} = aie::add({name}, {emitter.integer(node, I32)});")
        return [f"{reduced.name} += aie::reduce_add({name});"]
    if reduced.kind.floating:
        kind = BF16 if stripped(node).exact else F32
        value = emitter.floating(node, kind)
    else:
        kind = reduced.kind
        value = emitter.integer(node, kind)
    emitter.widest = max(emitter.widest, kind.bits)
    emitter.before.append(
        f"auto {name} = aie::broadcast<{kind.name}, {lanes}>(({kind.name}){reduced.name});"
    )
    emitter.body.append(f"{name} = aie::{reduced.op}({name}, {value});")
    return [f"{reduced.name} = aie::reduce_{reduced.op}({name});"]


def _code(source: str, loop: Counted, body: Body, emitter: Emitter, after: list[str]) -> str:
    """Constants, vector loop, what follows it, and the trips that fill no vector."""
    pad = indentation(source, loop.tree.start_byte)
    inner, deep = pad + "  ", pad + "    "
    lanes, name = emitter.lanes, loop.variable
    low, high = text_of(loop.low), text_of(loop.high)
    trips = loop.trips
    whole = None if trips is None else trips // lanes * lanes
    end = high if whole is None else str(int(loop.low.number) + whole)
    limit = f"{name} + {lanes} <= {end}" if whole is None else f"{name} < {end}"
    kind = loop.declaration or ""
    tail = whole is None or whole != trips
    declared = f"{kind} {name} = {low}" if kind else f"{name} = {low}"
    lines = ["{", *(inner + line for line in emitter.before)]
    if tail and kind:
        lines.append(f"{inner}{declared};")
        declared = ""
    lines.append(f"{inner}for ({declared}; {limit}; {name} += {lanes}) {{")
    lines += [deep + _walked(line, body, loop) for line in emitter.body]
    lines += [inner + "}", *(inner + line for line in after)]
    if tail or any(p in _used_after_tree(loop.tree) for p in body.advanced):
        count = f"{name} - {low}" if tail else str(whole)
        lines += [f"{inner}{p} += {count};" for p in body.advanced]
    if tail:
        lines.append(f"{inner}for (; {name} < {high}; {name}++)")
        lines.append(f"{inner}{text(loop.body)}")
    lines.append(pad + "}")
    return "\n".join(lines)


def _used_after_tree(loop: Tree) -> set[str]:
    at: Tree | None = loop
    while at is not None and at.type != "function_definition":
        at = at.parent
    return _used_after(at, loop) if at is not None else set()


def _walked(line: str, body: Body, loop: Counted) -> str:
    """Pointers that walk are addressed from where they stand, by the trips made so far."""
    low = text_of(loop.low)
    for pointer in body.advanced:
        if low != "0":
            line = line.replace(
                f"({pointer} + {loop.variable}", f"({pointer} + {loop.variable} - {low}"
            )
    return line
