"""What holds at a loop's entry: parameters, constants, variables that keep their value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kernelgepa.playbook.expressions import Graph, Unsupported
from kernelgepa.playbook.indices import HERE
from kernelgepa.playbook.state import Place, State
from kernelgepa.playbook.statements import LOOPS, alias, declare, declare_union_type, run
from kernelgepa.playbook.syntax import assigned, operand, text, walk

if TYPE_CHECKING:
    from tree_sitter import Node as Tree


def scope_at(function: Tree, loop: Tree, known: Mapping[str, float]) -> State:
    """The state before a statement of the function; `known`: values of parameters."""
    state = State(Graph())
    _surroundings(state, function, loop)
    _parameters(state, function, known)
    body = function.child_by_field_name("body")
    chain: list[Tree] = []
    at: Tree | None = loop
    while at is not None and body is not None and at.id != body.id:
        chain.append(at)
        at = at.parent
    changing = assigned(function)
    for inner in reversed(chain):
        parent = inner.parent
        if parent is None:
            continue
        if parent.type in LOOPS:
            _enter(state, parent)
        elif parent.type == "compound_statement":
            for sibling in parent.children:
                if sibling.id == inner.id:
                    break
                absorb(state, sibling, changing)
    state.stores, state.loads = {}, set()
    return state


def _enter(state: State, loop: Tree) -> None:
    """Inside a loop around: its counter has some value, what it changes is not known."""
    first = loop.child_by_field_name("initializer")
    if first is not None and first.type in ("declaration", "expression_statement"):
        absorb(state, first, set())
    changed: set[str] = set()
    for field in ("condition", "update", "body"):
        part = loop.child_by_field_name(field)
        changed |= assigned(part) if part is not None else set()
    state.forget(changed)


def absorb(state: State, tree: Tree, changing: set[str]) -> None:
    """A statement before the loop: constants are kept, other values are known by their name."""
    if tree.type in ("alias_declaration", "type_definition"):
        alias(state, tree)
        return
    if tree.type not in ("declaration", "expression_statement"):
        state.forget(assigned(tree))
        return
    before, places = dict(state.env), dict(state.pointers)
    tables = set(state.tables)
    try:
        run(state, [tree])
    except Unsupported:
        _partly(state, tree)
    for name, node in state.env.items():
        if before.get(name) is not node and not node.constant:
            kind = state.kinds.get(name, node.kind)
            state.env[name] = state.graph.uniform(name, kind, (node.low, node.high))
    touched = {n for n, v in state.env.items() if before.get(n) is not v and n in before}
    touched |= {n for n, p in state.pointers.items() if n in places and places[n] != p}
    for other, place in list(state.pointers.items()):
        if other not in touched and any(t in touched for t, _ in place.index.terms):
            state.pointers[other] = Place(other, HERE, place.kind)
    for name in set(state.tables) - tables:
        if name in changing or _written(tree, name):
            state.tables[name].values.clear()
            del state.tables[name]


def _written(tree: Tree, name: str) -> bool:
    """Whether an array's elements are written somewhere in the function."""
    at: Tree | None = tree
    while at is not None and at.type != "function_definition":
        at = at.parent
    for node in walk(at) if at is not None else ():
        if node.type == "assignment_expression" and name in _bases(operand(node, "left")):
            return True
        if node.type == "update_expression" and name in _bases(operand(node, "argument")):
            return True
    return False


def _bases(tree: Tree) -> set[str]:
    while tree.type in ("subscript_expression", "pointer_expression", "parenthesized_expression"):
        if tree.type == "parenthesized_expression":
            tree = next((c for c in tree.children if c.is_named), tree)
            if tree.type == "parenthesized_expression":
                continue
            return {text(n) for n in walk(tree) if n.type == "identifier"}
        tree = operand(tree, "argument")
    return {text(n) for n in walk(tree) if n.type == "identifier"}


def _partly(state: State, tree: Tree) -> None:
    """A statement that was not understood: the variables it declares and writes are only named."""
    if tree.type == "declaration":
        spelling = text(operand(tree, "type"))
        kind = state.kind_of(spelling)
        for child in tree.children_by_field_name("declarator"):
            target = child.child_by_field_name("declarator") or child
            names = [text(n) for n in walk(target) if n.type == "identifier"]
            if not names or kind is None:
                continue
            if target.type == "pointer_declarator" or "*" in text(target):
                state.pointers[names[0]] = Place(names[0], HERE, kind)
                state.arrays[names[0]] = kind
            elif target.type == "array_declarator":
                state.arrays[names[0]] = kind
                state.pointers[names[0]] = Place(names[0], HERE, kind)
            else:
                state.kinds[names[0]] = kind
                state.env[names[0]] = state.graph.uniform(names[0], kind)
    state.forget(assigned(tree))


def _parameters(state: State, function: Tree, known: Mapping[str, float]) -> None:
    declarator: Tree | None = operand(function, "declarator")
    while declarator is not None and declarator.type != "function_declarator":
        declarator = declarator.child_by_field_name("declarator")
    listed = declarator.child_by_field_name("parameters") if declarator is not None else None
    for node in listed.children if listed is not None else []:
        if node.type != "parameter_declaration":
            continue
        kind = state.kind_of(text(operand(node, "type")))
        target = node.child_by_field_name("declarator")
        if kind is None or target is None:
            continue
        names = [text(n) for n in walk(target) if n.type == "identifier"]
        name = names[-1] if names else ""
        if target.type in ("pointer_declarator", "array_declarator"):
            state.arrays[name] = kind
            state.pointers[name] = Place(name, HERE, kind)
        else:
            state.kinds[name] = kind
            value = known.get(name)
            state.env[name] = (
                state.graph.uniform(name, kind) if value is None else state.graph.const(value, kind)
            )


def _surroundings(state: State, function: Tree, loop: Tree) -> None:
    """Names at namespace scope: types, constants, helpers."""
    root = function
    while root.parent is not None:
        root = root.parent
    for node in walk(root):
        if node.id == function.id:
            continue
        if node.type == "function_definition":
            found = _function_name(node)
            if found:
                state.functions.setdefault(found, node)
        elif _at_namespace(node):
            if node.type in ("alias_declaration", "type_definition"):
                alias(state, node)
            elif node.type == "union_specifier":
                _quietly(state, node)
            elif node.type == "declaration" and node.start_byte < loop.start_byte:
                absorb(state, node, set())
            elif node.type == "enum_specifier":
                _enumerators(state, node)


def _quietly(state: State, node: Tree) -> None:
    try:
        declare_union_type(state, node)
    except Unsupported:
        return


def _enumerators(state: State, node: Tree) -> None:
    from kernelgepa.playbook.kinds import I32  # noqa: PLC0415
    from kernelgepa.playbook.values import value  # noqa: PLC0415

    following = 0
    for one in walk(node):
        if one.type == "enumerator":
            given = one.child_by_field_name("value")
            try:
                made = (
                    value(state, given) if given is not None else state.graph.const(following, I32)
                )
            except Unsupported:
                return
            if not made.constant:
                return
            following = int(made.number) + 1
            state.env[text(operand(one, "name"))] = made


def _at_namespace(node: Tree) -> bool:
    at = node.parent
    while at is not None:
        if at.type in ("function_definition", "lambda_expression", "struct_specifier"):
            return False
        at = at.parent
    return True


def _function_name(node: Tree) -> str:
    declarator = node.child_by_field_name("declarator")
    while declarator is not None and declarator.type != "function_declarator":
        declarator = declarator.child_by_field_name("declarator")
    inner = declarator.child_by_field_name("declarator") if declarator is not None else None
    return text(inner) if inner is not None else ""


__all__ = ["absorb", "declare", "scope_at"]
