"""Values of expressions, symbolically; assignments take effect."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from kernelgepa.playbook import kinds
from kernelgepa.playbook.expressions import Graph, Node, Unsupported
from kernelgepa.playbook.indices import Index, linear
from kernelgepa.playbook.kinds import BOOL, F32, I32, U32
from kernelgepa.playbook.library import CONSTANTS, limit
from kernelgepa.playbook.places import gathered, is_pointer, place_of, pointer_in
from kernelgepa.playbook.state import State
from kernelgepa.playbook.syntax import operand, text

if TYPE_CHECKING:
    from tree_sitter import Node as Tree

_OPERATORS = {
    "+": "add", "-": "sub", "*": "mul", "/": "div", "%": "rem", "&": "and", "|": "or", "^": "xor",
    "<<": "shl", ">>": "shr", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne",
    "&&": "land", "||": "lor",
}  # fmt: skip
_PUN = re.compile(
    r"\*\s*(?:\(\s*(?:const\s+)?([\w:]+(?:\s+int)?)\s*\*\s*\)|"
    r"reinterpret_cast<\s*(?:const\s+)?([\w:]+)\s*\*\s*>\s*\()\s*\(?\s*&\s*(\w+)\s*\)?\)?"
)


def value(state: State, tree: Tree) -> Node:
    """The value of an expression. Raises Unsupported."""
    evaluate = _AT.get(tree.type)
    if evaluate is None:
        raise Unsupported(f"a {tree.type.replace('_', ' ')}: {text(tree)[:40]}")
    return evaluate(state, tree)


def _parenthesized(state: State, tree: Tree) -> Node:
    return value(state, next(c for c in tree.children if c.is_named and c.type != "comment"))


def _number(state: State, tree: Tree) -> Node:
    return number(state.graph, text(tree))


def _character(state: State, tree: Tree) -> Node:
    plain = text(tree).strip("'")
    if len(plain) != 1:
        raise Unsupported(f"the character {text(tree)}")
    return state.graph.const(ord(plain), I32)


def _identifier(state: State, tree: Tree) -> Node:
    name = text(tree).removeprefix("std::")
    if name in state.refers:
        return state.load(state.refers[name])
    if name in state.env:
        return state.env[name]
    if name in CONSTANTS:
        kind, number_ = CONSTANTS[name]
        return state.graph.const(number_, kind)
    raise Unsupported(f"{name}, whose value is not known")


def _binary(state: State, tree: Tree) -> Node:
    left, right = operand(tree, "left"), operand(tree, "right")
    operator = text(operand(tree, "operator"))
    if operator not in _OPERATORS:
        raise Unsupported(f"the operator {operator}")
    if is_pointer(state, left) and is_pointer(state, right):
        a, b = pointer_in(state, left), pointer_in(state, right)
        if a.base != b.base:
            raise Unsupported("pointers into different buffers")
        return state.graph.binary(_OPERATORS[operator], _position(state, a.index.plus(b.index, -1)),
                                  state.graph.const(0, I32))  # fmt: skip
    return state.graph.binary(_OPERATORS[operator], value(state, left), value(state, right))


def _position(state: State, index: Index) -> Node:
    """An index as a value, of the graph's own nodes."""
    g = state.graph
    made = g.const(index.offset, I32)
    if index.stride:
        made = g.binary("add", made, g.binary("mul", g.trip, g.const(index.stride, I32)))
    for term, coefficient in index.terms:
        one = g.carried(term[1:], I32) if term.startswith("@") else g.uniform(term, I32)
        made = g.binary("add", made, g.binary("mul", one, g.const(coefficient, I32)))
    return made


def _unary(state: State, tree: Tree) -> Node:
    argument = value(state, operand(tree, "argument"))
    operator = text(operand(tree, "operator"))
    if operator == "-":
        return state.graph.negate(argument)
    if operator == "+":
        return state.graph.cast(argument, kinds.promoted(argument.kind))
    if operator == "~":
        return state.graph.invert(argument)
    return state.graph.complement(argument)


def _conditional(state: State, tree: Tree) -> Node:
    condition = state.graph.cast(value(state, operand(tree, "condition")), BOOL)
    a, b = operand(tree, "consequence"), operand(tree, "alternative")
    if condition.constant:
        return value(state, a if condition.number else b)
    return state.graph.select(condition, value(state, a), value(state, b))


def _cast(state: State, tree: Tree) -> Node:
    kind = state.kind_of(text(operand(tree, "type")))
    if kind is None:
        raise Unsupported(f"a conversion: {text(tree)[:40]}")
    return state.graph.cast(value(state, operand(tree, "value")), kind)


def _sizeof(state: State, tree: Tree) -> Node:
    inner = tree.child_by_field_name("type") or operand(tree, "value")
    plain = text(inner).strip("()")
    if plain in state.tables:
        table = state.tables[plain]
        return state.graph.const(table.size * table.kind.bits // 8, U32)
    kind = state.kind_of(plain)
    if kind is None and plain.endswith("[0]") and plain[:-3] in state.arrays:
        kind = state.arrays[plain[:-3]]
    if kind is None:
        raise Unsupported("sizeof of something that is not a scalar")
    return state.graph.const(max(kind.bits // 8, 1), U32)


def _call(state: State, tree: Tree) -> Node:
    from kernelgepa.playbook.calls import called  # noqa: PLC0415

    return called(state, tree)


def _subscript(state: State, tree: Tree) -> Node:
    try:
        place = place_of(state, tree)
    except Unsupported:
        found = gathered(state, tree)
        if found is None:
            raise
        return found
    return state.load(place)


def _pointer(state: State, tree: Tree) -> Node:
    punned = _punned(state, tree)
    if punned is not None:
        return punned
    return state.load(place_of(state, tree))


def _punned(state: State, tree: Tree) -> Node | None:
    """`*(T *)&x`: the bits of x as another type of that size."""
    match = _PUN.fullmatch(text(tree))
    if match is None or match[3] in state.pointers:
        return None
    kind, given = state.kind_of(match[1] or match[2]), state.env.get(match[3])
    if kind is None or given is None or kind.bits != given.kind.bits:
        raise Unsupported(f"a reinterpretation: {text(tree)[:40]}")
    return state.graph.reinterpret(given, kind)


def _field(state: State, tree: Tree) -> Node:
    name, _, member = text(tree).partition(".")
    union = state.unions.get(name)
    if union is None or union.value is None or member not in union.members:
        raise Unsupported(f"{text(tree)}, whose value is not known")
    return state.graph.reinterpret(union.value, union.members[member])


def _qualified(state: State, tree: Tree) -> Node:
    plain = text(tree).replace("std::", "").replace(" ", "")
    if plain in CONSTANTS:
        kind, number_ = CONSTANTS[plain]
        return state.graph.const(number_, kind)
    match = re.fullmatch(r"numeric_limits<([\w ]+)>::(\w+)", plain)
    if match is None:
        return _identifier(state, tree)
    return limit(state.graph, state.kind_of(match[1]), match[2])


def _assignment(state: State, tree: Tree) -> Node:
    left, right = operand(tree, "left"), operand(tree, "right")
    operator = text(operand(tree, "operator"))
    if left.type == "identifier" and text(left) in state.pointers:
        return _advance(state, text(left), operator, right)
    if operator == "=" and left.type == "identifier" and is_pointer(state, right):
        state.pointers[text(left)] = pointer_in(state, right)
        return state.graph.const(0, I32)
    given = value(state, right)
    if operator != "=":
        given = state.graph.binary(_OPERATORS[operator[:-1]], value(state, left), given)
    return assign(state, left, given)


def _advance(state: State, name: str, operator: str, right: Tree) -> Node:
    if operator == "=":
        state.pointers[name] = pointer_in(state, right)
    elif operator in ("+=", "-="):
        by = linear(value(state, right))
        state.pointers[name] = state.pointers[name].moved(by, 1 if operator == "+=" else -1)
    else:
        raise Unsupported(f"the pointer {name} is set in the loop")
    return state.graph.const(0, I32)


def assign(state: State, left: Tree, given: Node) -> Node:
    """Writes a variable, a member of a union or an element. Raises Unsupported."""
    while left.type == "parenthesized_expression":
        left = next(c for c in left.children if c.is_named)
    if left.type == "identifier":
        name = text(left)
        if name in state.refers:
            return state.store(state.refers[name], given)
        kind = state.kinds.get(name)
        if kind is None:
            raise Unsupported(f"{name} is set in the loop")
        state.env[name] = state.graph.cast(given, kind)
        return state.env[name]
    if left.type == "field_expression":
        name, _, member = text(left).partition(".")
        union = state.unions.get(name)
        if union is None or member not in union.members:
            raise Unsupported(f"{text(left)} is set in the loop")
        union.value = state.graph.cast(given, union.members[member])
        return union.value
    if left.type == "pointer_expression" and (match := _PUN.fullmatch(text(left))):
        kind, own = state.kind_of(match[1] or match[2]), state.kinds.get(match[3])
        if kind is not None and own is not None and kind.bits == own.bits:
            state.env[match[3]] = state.graph.reinterpret(state.graph.cast(given, kind), own)
            return given
    return state.store(place_of(state, left), given)


def _update(state: State, tree: Tree) -> Node:
    argument = operand(tree, "argument")
    step = 1 if text(operand(tree, "operator")) == "++" else -1
    if is_pointer(state, argument):
        pointer_in(state, tree)
        return state.graph.const(0, I32)
    before = value(state, argument)
    after = state.graph.binary("add", before, state.graph.const(step, I32))
    made = assign(state, argument, after)
    return made if tree.children[0].type in ("++", "--") else before


def _comma(state: State, tree: Tree) -> Node:
    return [value(state, c) for c in tree.children if c.is_named and c.type != "comment"][-1]


def number(graph: Graph, spelling: str) -> Node:
    """A numeric literal with C's type. Raises Unsupported."""
    plain = spelling.replace("'", "").lower()
    try:
        if plain.startswith(("0x", "0b")) or not re.search(r"[.ef]", plain):
            digits = plain.rstrip("ul")
            whole = int(digits, 0) if not re.fullmatch(r"0\d+", digits) else int(digits, 8)
            unsigned = "u" in plain.removeprefix("0b") or whole > I32.high
            return graph.const(whole, U32 if unsigned else I32)
        return graph.const(float(plain.removesuffix("bf16").rstrip("fl")), F32)
    except ValueError as error:
        raise Unsupported(f"the number {spelling}") from error


def _truth(state: State, tree: Tree) -> Node:
    return state.graph.const(tree.type == "true", BOOL)


_AT: dict[str, Callable[[State, Tree], Node]] = {
    "parenthesized_expression": _parenthesized,
    "number_literal": _number,
    "char_literal": _character,
    "true": _truth,
    "false": _truth,
    "identifier": _identifier,
    "qualified_identifier": _qualified,
    "binary_expression": _binary,
    "unary_expression": _unary,
    "conditional_expression": _conditional,
    "cast_expression": _cast,
    "sizeof_expression": _sizeof,
    "call_expression": _call,
    "subscript_expression": _subscript,
    "pointer_expression": _pointer,
    "field_expression": _field,
    "assignment_expression": _assignment,
    "update_expression": _update,
    "comma_expression": _comma,
}
