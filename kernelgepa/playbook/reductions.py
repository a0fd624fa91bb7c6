"""What lives on from trip to trip: sums, extrema, an extremum's place, or a recurrence."""

from __future__ import annotations

from dataclasses import dataclass

from kernelgepa.playbook.expressions import Graph, Node, Unsupported, stripped
from kernelgepa.playbook.kinds import BF16, BOOL, I16, Kind

MODULAR = ("add", "mul", "and", "or", "xor")  # right modulo 2^bits, in whatever order
ORDERED = ("min", "max")
TRUTH = {"lor": "max", "land": "min"}


@dataclass(frozen=True)
class Reduced:
    """name = name op value; `name` is the C text of what is assigned."""

    name: str
    op: str  # of MODULAR, ORDERED or TRUTH
    value: Node
    kind: Kind


@dataclass(frozen=True)
class Best:
    """Where the best value so far was met: name = index where value op best holds."""

    name: str
    kind: Kind
    op: str  # lt, le, gt, ge
    value: Node
    first: str  # C text of the best before the loop
    index: Node
    best: str  # the variable that holds the best, or nothing where there is none


@dataclass(frozen=True)
class Recurrence:
    """Anything else: computed trip by trip."""

    name: str
    value: Node
    kind: Kind


@dataclass(frozen=True)
class Scanned:
    """A sum or extremum whose value in every trip is wanted: `before` and `after` the trip."""

    name: str
    op: str  # add, min, max
    value: Node
    kind: Kind
    before: Node
    after: Node


@dataclass(frozen=True)
class Rounded:
    """A sum that is rounded to bfloat16 in every trip: its order cannot be changed."""

    name: str
    value: Node
    kind: Kind


Carried = Reduced | Best | Scanned | Rounded | Recurrence


def below(*roots: Node) -> list[Node]:
    """The nodes and all they are made of."""
    found, seen = list(roots), {id(n) for n in roots}
    for n in found:
        for a in n.args:
            if id(a) not in seen:
                seen.add(id(a))
                found.append(a)
    return found


def depends(node: Node, name: str | None = None) -> bool:
    """Whether a value depends on what a (or any) variable held before the trip."""
    return any(n.op == "carried" and name in (None, n.attribute) for n in below(node))


def unknown(node: Node, known: set[str]) -> bool:
    """Whether a value depends on what another variable held before the trip."""
    return any(n.op == "carried" and n.attribute not in known for n in below(node))


def classify(graph: Graph, name: str, final: Node, kind: Kind) -> Carried | None:
    """How the variable goes on, None where it keeps its value or forgets the trip before."""
    if final.op == "carried" and final.attribute == name:
        return None
    if not depends(final):
        return None
    if kind == BF16 and final.op == "cast":
        value = _without(graph, final.args[0], name, "add")
        if value is not None and not depends(value):
            return Rounded(name, value, kind)
    found = _reduced(graph, name, final, kind) or _best(name, final, kind)
    return found or Recurrence(name, final, kind)


def scanned(graph: Graph, one: Carried, final: Node | None, wanted: list[Node]) -> Carried:
    """The same as a scan, where what is stored needs the value of every trip."""
    if not isinstance(one, Reduced) or one.op not in ("add", "min", "max"):
        return one
    if final is None or one.kind == BOOL or not any(depends(n, one.name) for n in wanted):
        return one
    before = graph.carried(one.name, one.kind)
    return Scanned(one.name, one.op, one.value, one.kind, before, final)


def _reduced(graph: Graph, name: str, final: Node, kind: Kind) -> Reduced | None:
    inner = stripped(final)
    if kind == BOOL and inner.op in TRUTH:
        for mine, other in (inner.args, inner.args[::-1]):
            if mine.op == "carried" and mine.attribute == name and not depends(other):
                return Reduced(name, inner.op, graph.cast(other, I16), kind)
        return None
    while inner.op == "cast" and not kind.floating and not inner.args[0].kind.floating:
        inner = inner.args[0]  # narrower than what was added up: modulo 2^bits all the same
    for op in (*MODULAR, *ORDERED):
        if op in ORDERED and inner is not stripped(final):
            continue
        if kind.floating and op in ("and", "or", "xor"):
            continue
        value = _without(graph, inner, name, op)
        if value is not None and not depends(value):
            return Reduced(name, op, value, kind)
    return None


def _without(graph: Graph, node: Node, name: str, op: str) -> Node | None:
    """v of a node that is `variable op v`."""
    node = stripped(node)
    if op == "add" and node.op == "select":
        return _conditional(graph, node, name)
    if op == "add" and node.op == "sub" and depends(node.args[0], name):
        inner = stripped(node.args[0])
        taken = graph.negate(node.args[1])
        if inner.op == "carried" and inner.attribute == name:
            return taken
        rest = _without(graph, inner, name, op)
        return None if rest is None else graph.binary("add", rest, taken)
    if node.op != op:
        return None
    for mine, other in (node.args, node.args[::-1]):
        inner = stripped(mine)
        if inner.op == "carried" and inner.attribute == name:
            return other
        if depends(mine, name) and not depends(other):
            rest = _without(graph, inner, name, op)
            if rest is None:
                return None
            join = graph.extremum if op in ORDERED else graph.binary
            return join(op, rest, other)
    return None


def _conditional(graph: Graph, node: Node, name: str) -> Node | None:
    """`if (c) sum += x;` adds c ? x : 0."""
    condition, a, b = node.args
    sides = []
    for side in (a, b):
        inner = stripped(side)
        if inner.op == "carried" and inner.attribute == name:
            sides.append(graph.const(0, side.kind))
        else:
            rest = _without(graph, inner, name, "add")
            if rest is None:
                return None
            sides.append(rest)
    return graph.select(condition, sides[0], sides[1])


def _best(name: str, final: Node, kind: Kind) -> Best | None:
    chosen = stripped(final)
    if kind.floating or chosen.op != "select":
        return None
    condition, index, kept = chosen.args
    kept, op = stripped(kept), condition.op
    if kept.op != "carried" or kept.attribute != name:
        return None
    if op not in ("lt", "le", "gt", "ge") or depends(index):
        return None
    value, against = (stripped(a) for a in condition.args)
    if depends(value) or "[@" in str(value.attribute):
        value, against = against, value
        op = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le"}[op]
    if depends(value):
        return None
    if against.op == "carried":
        held = str(against.attribute)
        return Best(name, kind, op, value, held, index, held)
    if against.op == "uniform" and f"[@{name}" in str(against.attribute):
        first = str(against.attribute).replace("@", "")
        return Best(name, kind, op, value, first, index, "")
    return None


def consistent(carried: list[Carried]) -> None:
    """Raises Unsupported where the place of an extremum belongs to no extremum."""
    extrema = {c.name: c for c in carried if isinstance(c, Reduced) and c.op in ORDERED}
    for one in carried:
        if isinstance(one, Best) and one.best:
            held = extrema.get(one.best)
            if held is None or (held.op == "max") != (one.op in ("gt", "ge")):
                raise Unsupported(f"{one.name} depends on the trip before")


__all__ = ["Best", "Carried", "Recurrence", "Reduced", "below", "classify", "consistent"]
