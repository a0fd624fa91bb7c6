"""What a loop does, trip by trip, and whether its trips may be taken together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kernelgepa.playbook.expressions import Node, Unsupported
from kernelgepa.playbook.indices import Index
from kernelgepa.playbook.loops import Counted, counted
from kernelgepa.playbook.reductions import (
    Best,
    Carried,
    Recurrence,
    Rounded,
    Scanned,
    below,
    classify,
    consistent,
    scanned,
    unknown,
)
from kernelgepa.playbook.scope import scope_at
from kernelgepa.playbook.state import State, cell
from kernelgepa.playbook.syntax import declared_in, identifiers, operand, text, walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tree_sitter import Node as Tree

VECTOR_CALLS = (
    "load_v", "load_unaligned_v", "begin_vector", "begin_restrict_vector", "store_v",
    "store_unaligned_v", "mac", "mmul",
)  # fmt: skip


@dataclass(frozen=True)
class Work:
    """A loop's effect: what it stores, what lives on; `outer` where a nest became one loop."""

    loop: Counted
    stores: tuple[tuple[str, Index, Node], ...]
    carried: tuple[Carried, ...]
    outer: Tree | None = None

    @property
    def state(self) -> State:
        return self.loop.inside

    @property
    def tree(self) -> Tree:
        return self.outer or self.loop.tree

    @property
    def serial(self) -> bool:
        return any(isinstance(c, Recurrence) for c in self.carried)

    @property
    def ordered(self) -> bool:
        """Whether something is computed lane after lane."""
        return any(isinstance(c, Recurrence | Rounded | Scanned) for c in self.carried)

    @property
    def in_place(self) -> bool:
        stored = {base for base, _, _ in self.stores}
        return any(base in stored for base, _ in self.state.loads)


def analysed(function: Tree, tree: Tree, known: Mapping[str, float], gather: bool) -> Work:
    """The loop's work. Raises Unsupported."""
    if any(
        text(n).split("<")[0].split("::")[-1] in VECTOR_CALLS
        for n in walk(tree)
        if n.type in ("template_function", "qualified_identifier", "template_method")
    ):
        raise Unsupported("it is written with vectors")
    scope = scope_at(function, tree, known)
    scope.gather = gather
    loop = counted(tree, scope)
    return _work(function, loop)


def _work(function: Tree, loop: Counted) -> Work:
    inside, graph = loop.inside, loop.entry.graph
    carried: list[Carried] = []
    used = used_after(function, loop.tree)
    for name in loop.carried:
        if name in loop.entry.pointers or name not in inside.env:
            continue
        found = classify(graph, name, inside.env[name], loop.entry.kinds[name])
        if found is not None:
            carried.append(found)
        elif name in used and inside.env[name] is not loop.start.env.get(name):
            raise Unsupported(f"{name} is used after the loop")
    stores = []
    for (base, index), node in inside.stores.items():
        if index.stride == 0:
            if any(t.startswith("@") for t, _ in index.terms):
                raise Unsupported(f"{base} is written at an index that is not known")
            place = cell(base, index)
            found = classify(graph, place, node, inside.arrays[base])
            if found is None:
                raise Unsupported(f"{place} is written in every trip")
            carried.append(found)
        else:
            stores.append((base, index, node))
    wanted = [n for _, _, n in stores]
    carried = [scanned(graph, c, inside.env.get(c.name), wanted) for c in carried]
    consistent(carried)
    _known_places(inside)
    _independent(inside, stores)
    recurring = any(isinstance(c, Recurrence) for c in carried)
    if recurring:  # all in scalar code, in one go
        carried = [
            Recurrence(c.name, c.after, c.kind) if isinstance(c, Scanned) else c for c in carried
        ]
    known = {c.name for c in carried if isinstance(c, Scanned)}
    if not recurring and any(unknown(n, known) for n in wanted):
        raise Unsupported("a value that depends on the trip before")
    if not stores and not carried:
        raise Unsupported("it stores nothing")
    return Work(loop, tuple(stores), tuple(carried))


def _known_places(inside: State) -> None:
    for base, index in inside.loads:
        if any(t.startswith("@") for t, _ in index.terms) and index.stride:
            raise Unsupported(f"{base} is read at an index that is not known")


def _independent(inside: State, stores: list[tuple[str, Index, Node]]) -> None:
    """No trip may read or write what another one writes."""
    trips = inside.graph.trips[1] + 1
    for number, (base, place, _) in enumerate(stores):
        for array, index in inside.loads:
            if array == base and index != place and not _apart(index, place, trips):
                raise Unsupported(f"{base} is read and written at different places")
        for other, at, _ in stores[:number]:
            if other == base and not _apart(at, place, trips):
                raise Unsupported(f"{base} is written twice")


def _apart(a: Index, b: Index, trips: int) -> bool:
    """Whether no trip of the one is at a place of the other."""
    if a.stride != b.stride or a.terms != b.terms:
        return False
    between = abs(a.offset - b.offset)
    return between % max(abs(a.stride), 1) != 0 or between >= trips * abs(a.stride)


def used_after(function: Tree, loop: Tree) -> set[str]:
    """Names that matter behind the loop: those that appear there, or in loops around it."""
    names = set()
    around = loop.parent
    while around is not None and around.id != function.id:
        if around.type in ("for_statement", "while_statement", "do_statement"):
            names |= identifiers(around) - declared_in(operand(around, "body"))
        around = around.parent
    for node in walk(function):
        if node.start_byte >= loop.end_byte and node.type == "identifier":
            names.add(text(node))
    return names


def collapsed(function: Tree, outer: Tree, known: Mapping[str, float], gather: bool) -> Work:
    """Two loops, one directly in the other, as one where memory is walked without a gap.

    Raises Unsupported.
    """
    inner = _only_loop(outer)
    around = counted_header(function, outer, known)
    variable, low, step, times = around
    work = analysed(function, inner, known, gather)
    trips = work.loop.trips
    if trips is None:
        raise Unsupported("a nest whose inner trips are not known")
    if any(variable in text_ for text_ in _uniforms(work)):
        raise Unsupported("a nest whose rows differ")
    shifted: dict[Index, Index] = {}
    for _, index in {*((b, i) for b, i, _ in work.stores), *work.state.loads}:
        shifted[index] = _flat(index, variable, low, step, trips)
    return _flattened(work, outer, shifted, trips * times)


def _only_loop(outer: Tree) -> Tree:
    body = operand(outer, "body")
    inside = [c for c in body.children if c.is_named and c.type != "comment"]
    if body.type == "for_statement":
        inside = [body]
    while inside and inside[0].type == "declaration" and len(inside) > 1:
        inside = inside[1:]
    if len(inside) != 1 or inside[0].type != "for_statement" or outer.type != "for_statement":
        raise Unsupported("a nest of more than two plain loops")
    return inside[0]


def counted_header(
    function: Tree, outer: Tree, known: Mapping[str, float]
) -> tuple[str, int, int, int]:
    """An outer loop's counter, its first value, its step and how often it runs."""
    scope = scope_at(function, outer, known)
    loop = counted(outer, scope)
    names = [n for n, by in loop.steps.items() if n in loop.entry.env]
    if len(names) != 1 or loop.trips is None or loop.carried or len(loop.steps) != 1:
        raise Unsupported("a nest with more than a counter")
    first = loop.entry.env[names[0]]
    if not first.constant:
        raise Unsupported("a nest whose counter begins at an unknown value")
    return names[0], int(first.number), loop.steps[names[0]], loop.trips


def _uniforms(work: Work) -> list[str]:
    roots = [n for _, _, n in work.stores] + [c.value for c in work.carried]
    return [str(n.attribute) for n in below(*roots) if n.op == "uniform"]


def _flat(index: Index, variable: str, low: int, step: int, trips: int) -> Index:
    terms = dict(index.terms)
    coefficient = terms.pop(variable, 0)
    if coefficient * step != index.stride * trips:
        raise Unsupported("a nest that does not walk through memory without a gap")
    return Index(index.stride, index.offset + coefficient * low, tuple(sorted(terms.items())))


def _flattened(work: Work, outer: Tree, shifted: Mapping[Index, Index], trips: int) -> Work:
    if any(isinstance(c, Best) for c in work.carried):
        raise Unsupported("a nest that looks for a place")
    made: dict[int, Node] = {}
    for node in reversed(below(*(n for _, _, n in work.stores), *(c.value for c in work.carried))):
        _moved(node, shifted, made)
    stores = tuple((b, shifted[i], made[id(n)]) for b, i, n in work.stores)
    carried = tuple(replace(c, value=made[id(c.value)]) for c in work.carried)
    state = work.state.branch()
    state.loads = {(b, shifted[i]) for b, i in work.state.loads}
    loop = replace(work.loop, trips=trips, trips_text=str(trips), inside=state, steps={})
    return Work(loop, stores, carried, outer)


def _moved(node: Node, shifted: Mapping[Index, Index], made: dict[int, Node]) -> Node:
    if id(node) in made:
        return made[id(node)]
    args = tuple(_moved(a, shifted, made) for a in node.args)
    attribute = node.attribute
    if node.op in ("counter", "gather"):
        raise Unsupported("a nest that uses its counter as a value")
    if node.op == "load" and isinstance(attribute, tuple):
        attribute = (attribute[0], shifted[attribute[1]])
    elif all(a is b for a, b in zip(args, node.args, strict=True)):
        made[id(node)] = node
        return node
    made[id(node)] = replace(node, args=args, attribute=attribute)
    return made[id(node)]
