"""Pointers and places in memory, as the syntax tree writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kernelgepa.playbook.expressions import Node, Unsupported
from kernelgepa.playbook.indices import HERE, Index, linear
from kernelgepa.playbook.state import Place, State
from kernelgepa.playbook.syntax import operand, text

if TYPE_CHECKING:
    from tree_sitter import Node as Tree

_CASTS = ("static_cast", "reinterpret_cast", "const_cast")


def _inner(tree: Tree) -> Tree:
    while tree.type == "parenthesized_expression":
        tree = next(c for c in tree.children if c.is_named and c.type != "comment")
    return tree


def is_pointer(state: State, tree: Tree) -> bool:
    """Whether an expression is a pointer into a buffer."""
    tree = _inner(tree)
    if tree.type == "identifier":
        return text(tree) in state.pointers
    if tree.type == "binary_expression":
        if text(operand(tree, "operator")) not in ("+", "-"):
            return False
        sides = [is_pointer(state, operand(tree, n)) for n in ("left", "right")]
        return sides[0] != sides[1]
    if tree.type == "pointer_expression":
        inner = _inner(operand(tree, "argument"))
        return text(operand(tree, "operator")) == "&" and (
            inner.type == "subscript_expression" or text(inner) in state.pointers
        )
    if tree.type == "cast_expression":
        return "*" in text(operand(tree, "type"))
    if tree.type == "update_expression":
        return is_pointer(state, operand(tree, "argument"))
    if tree.type == "call_expression":
        name = text(operand(tree, "function")).replace(" ", "")
        return name.endswith("*>") and name.split("<")[0] in _CASTS
    if tree.type == "conditional_expression":
        return False
    return False


def pointer_in(state: State, tree: Tree) -> Place:
    """Where a pointer expression points; its side effects take place. Raises Unsupported."""
    from kernelgepa.playbook.values import value  # noqa: PLC0415

    tree = _inner(tree)
    if tree.type == "identifier" and text(tree) in state.pointers:
        return state.pointers[text(tree)]
    if tree.type == "binary_expression":
        left, right = operand(tree, "left"), operand(tree, "right")
        sign = 1 if text(operand(tree, "operator")) == "+" else -1
        if not is_pointer(state, left):
            left, right = right, left
        return pointer_in(state, left).moved(linear(value(state, right)), sign)
    if tree.type == "pointer_expression":
        return place_of(state, operand(tree, "argument"))
    if tree.type == "update_expression":
        name = text(operand(tree, "argument"))
        before = pointer_in(state, operand(tree, "argument"))
        after = before.moved(Index(0, 1), 1 if text(operand(tree, "operator")) == "++" else -1)
        state.pointers[name] = after
        return after if tree.children[0].type in ("++", "--") else before
    if tree.type in ("cast_expression", "call_expression"):
        return _cast(state, tree)
    raise Unsupported(f"a pointer: {text(tree)[:40]}")


def _cast(state: State, tree: Tree) -> Place:
    if tree.type == "cast_expression":
        spelling, inner = text(operand(tree, "type")), operand(tree, "value")
    else:
        spelling = text(operand(tree, "function")).partition("<")[2].rstrip("> ")
        given = [c for c in operand(tree, "arguments").children if c.is_named]
        if not given:
            raise Unsupported(f"a pointer: {text(tree)[:40]}")
        inner = given[0]
    place = pointer_in(state, inner)
    kind = state.kind_of(spelling.replace("*", "").replace("__restrict", "").strip())
    if kind != place.kind:
        raise Unsupported(f"a pointer read as another type: {text(tree)[:40]}")
    return place


def place_of(state: State, tree: Tree) -> Place:
    """The element that an expression names. Raises Unsupported."""
    from kernelgepa.playbook.values import value  # noqa: PLC0415

    tree = _inner(tree)
    if tree.type == "subscript_expression":
        argument = operand(tree, "argument")
        indices = operand(tree, "indices")
        inner = [c for c in indices.children if c.is_named and c.type != "comment"]
        if not is_pointer(state, argument):
            raise Unsupported(f"{text(argument)[:40]} is not a buffer")
        place = pointer_in(state, argument)
        return place.moved(linear(value(state, inner[0])))
    if tree.type == "pointer_expression" and text(operand(tree, "operator")) == "*":
        return pointer_in(state, operand(tree, "argument"))
    raise Unsupported(f"a place in memory: {text(tree)[:40]}")


def gathered(state: State, tree: Tree) -> Node | None:
    """An element at an index that is itself computed from elements, where that is wanted."""
    from kernelgepa.playbook.values import value  # noqa: PLC0415

    tree = _inner(tree)
    if not state.gather or tree.type != "subscript_expression":
        return None
    argument = operand(tree, "argument")
    if not is_pointer(state, argument):
        return None
    place = pointer_in(state, argument)
    inner = [c for c in operand(tree, "indices").children if c.is_named]
    index = value(state, inner[0])
    if place.index.stride or index.kind.floating:
        return None
    state.loads.add((place.base, Index(0, 0, (("?", 1),))))
    return state.graph.gather(place, index)


__all__ = ["HERE", "gathered", "is_pointer", "place_of", "pointer_in"]
