"""Counted loops of any spelling: how often they run, which variables move on by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernelgepa.playbook.expressions import Node, Unsupported
from kernelgepa.playbook.indices import Index, index_text, linear
from kernelgepa.playbook.kinds import BOOL, I32
from kernelgepa.playbook.state import Place, State
from kernelgepa.playbook.statements import condition_of, run
from kernelgepa.playbook.syntax import assigned, identifiers, operand, text, walk
from kernelgepa.playbook.values import value

if TYPE_CHECKING:
    from tree_sitter import Node as Tree


@dataclass(frozen=True)
class Counted:
    """A loop that runs a number of trips known at its entry.

    `steps`: variables that change by a constant every trip; `carried`: others that live on from
    trip to trip; `entry`: before the first trip; `inside`: what a trip has done, as a function of
    the trip's number.
    """

    tree: Tree
    trips: int | None
    trips_text: str
    steps: dict[str, int]
    carried: tuple[str, ...]
    entry: State
    start: State
    inside: State

    @property
    def body(self) -> Tree:
        return operand(self.tree, "body")


def counted(tree: Tree, scope: State) -> Counted:
    """The loop as trips. Raises Unsupported."""
    entry = scope.branch()
    entry.spent, entry.stores, entry.loads = [0], {}, set()
    first = tree.child_by_field_name("initializer")
    if first is not None:
        _run_one(entry, first)
    changed = {n for n in _changed(tree, entry) if n in entry.env or n in entry.pointers}
    steps = _steps(tree, entry, changed)
    graph = entry.graph
    graph.set_trips(None)
    start = _started(entry, changed, steps)
    ahead = start.branch()
    ahead.loads = set()
    test = _trips(tree, ahead)
    known = test.offset if test.uniform else None
    if known is not None and known < 1:
        raise Unsupported("a loop that never runs")
    graph.set_trips(known)
    start = _started(entry, changed, steps)
    inside = start.branch()
    inside.spent = [0]
    _trip(tree, inside)
    cells = _cells(inside)
    if cells:
        start.cells = frozenset(cells)
        inside = start.branch()
        inside.spent = [0]
        _trip(tree, inside)
    carried = tuple(sorted(n for n in changed if n not in steps))
    return Counted(tree, known, index_text(test, ""), steps, carried, entry, start, inside)


def _run_one(state: State, tree: Tree) -> None:
    if tree.type in ("declaration", "expression_statement"):
        run(state, [tree])
    else:
        value(state, tree)


def _changed(tree: Tree, state: State) -> set[str]:
    """Variables that a trip writes, or hands to a helper that may."""
    names: set[str] = set()
    for field in ("condition", "update", "body"):
        part = tree.child_by_field_name(field)
        if part is None:
            continue
        names |= assigned(part)
        for call in walk(part):
            if call.type == "call_expression":
                name = text(operand(call, "function")).split("<")[0]
                function = state.functions.get(name)
                if function is None:
                    continue
                if function.type == "lambda_expression":
                    names |= assigned(function)
                if any(n.type == "reference_declarator" for n in walk(function)):
                    names |= identifiers(operand(call, "arguments"))
    return names


def _trip(tree: Tree, state: State) -> None:
    if tree.type != "do_statement":
        value(state, condition_of(tree)) if _effects(condition_of(tree)) else None
    run(state, [operand(tree, "body")])
    if state.result is not None:
        raise Unsupported("a return inside the loop")
    update = tree.child_by_field_name("update")
    if update is not None:
        value(state, update)
    if tree.type == "do_statement" and _effects(condition_of(tree)):
        value(state, condition_of(tree))


def _effects(tree: Tree) -> bool:
    return any(n.type in ("update_expression", "assignment_expression") for n in walk(tree))


def _steps(tree: Tree, entry: State, changed: set[str]) -> dict[str, int]:
    """By how much variables move on in every trip, where that is a constant."""
    probe = entry.branch()
    probe.loads = set()  # not the places a trip reads
    for name in changed:
        probe.probe(name)
    _trip(tree, probe)
    steps: dict[str, int] = {}
    for name in changed:
        if name in entry.pointers:
            place = probe.pointers.get(name)
            own = Index(0, place.index.offset if place else 0, ((f"@{name}", 1),))
            if place is None or place.index != own or place.base != entry.pointers[name].base:
                raise Unsupported(f"the pointer {name} does not move on by a constant")
            steps[name] = place.index.offset
        else:
            by = _advanced(probe.env.get(name), name)
            if by is not None:
                steps[name] = by
    return steps


def _advanced(node: Node | None, name: str) -> int | None:
    """The constant that was added to what the variable held."""
    if node is None or node.kind.floating:
        return None
    if node.op == "uniform" and node.attribute == f"@{name}":
        return 0
    if node.op == "cast":
        return _advanced(node.args[0], name)
    if node.op in ("add", "sub") and node.args[1].constant:
        before = _advanced(node.args[0], name)
        by = I32.wrap(int(node.args[1].number))
        return None if before is None else before + (by if node.op == "add" else -by)
    if node.op == "add" and node.args[0].constant:
        before = _advanced(node.args[1], name)
        return None if before is None else before + I32.wrap(int(node.args[0].number))
    return None


def _started(entry: State, changed: set[str], steps: dict[str, int]) -> State:
    """What holds when a trip begins."""
    state, graph = entry.branch(), entry.graph
    for name in changed:
        by = steps.get(name)
        if by is None:
            state.carry(name)
        elif name in state.pointers:
            place = state.pointers[name]
            state.pointers[name] = Place(place.base, place.index.plus(Index(by, 0)), place.kind)
        else:
            moved = graph.binary("mul", graph.trip, graph.const(by, I32))
            state.env[name] = graph.cast(
                graph.binary("add", state.env[name], moved), entry.kinds.get(name, I32)
            )
    return state


def _trips(tree: Tree, state: State) -> Index:
    """How often the body runs, as an index without a stride. Raises Unsupported."""
    extra = 0
    if tree.type == "do_statement":
        state.spent = [0]
        _trip_without_test(tree, state)
        extra = 1
    condition = tree.child_by_field_name("condition")
    if condition is None:
        raise Unsupported("a loop without an end")
    holds = state.graph.cast(value(state, condition_of(tree)), BOOL)
    if holds.op not in ("lt", "le", "gt", "ge", "ne"):
        raise Unsupported("a loop whose end is not a comparison with its counter")
    apart = linear(holds.args[0]).plus(linear(holds.args[1]), -1)
    if any(t.startswith("@") for t, _ in apart.terms):
        raise Unsupported("a loop that does not count by a constant")
    step = apart.stride
    rest = Index(0, apart.offset, apart.terms)
    if holds.op in ("gt", "ge") or (holds.op == "ne" and step < 0):
        step, rest = -step, rest.times(-1)
    if step <= 0:
        raise Unsupported("a loop that does not approach its end")
    if holds.op in ("le", "ge"):
        rest = rest.plus(Index(0, 1), -1)
    count = rest.times(-1)  # trips * step >= count
    if count.uniform:
        return Index(0, max(0, -(-count.offset // step)) + extra)
    whole = count.over(step) if step > 1 else count
    if whole is None:
        text_ = f"(({index_text(count, '')} + {step - 1}) / {step})"
        return Index(0, extra, ((text_, 1),))
    return whole.plus(Index(0, extra))


def _trip_without_test(tree: Tree, state: State) -> None:
    run(state, [operand(tree, "body")])


def _cells(state: State) -> set[tuple[str, Index]]:
    """Elements at a fixed place that a trip both reads and writes."""
    return {key for key in state.stores if key[1].stride == 0 and key in state.loads}
