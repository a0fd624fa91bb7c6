"""Calls: conversions, functions of the libraries, helpers of the source itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kernelgepa.playbook import library
from kernelgepa.playbook.expressions import Node, Unsupported
from kernelgepa.playbook.kinds import I32
from kernelgepa.playbook.places import is_pointer, pointer_in
from kernelgepa.playbook.state import State
from kernelgepa.playbook.syntax import declared_in, operand, text, walk
from kernelgepa.playbook.values import value

if TYPE_CHECKING:
    from tree_sitter import Node as Tree

    from kernelgepa.playbook.kinds import Kind

_CASTS = ("static_cast", "reinterpret_cast", "const_cast")
DEPTH = 8


def called(state: State, tree: Tree) -> Node:
    """The value of a call. Raises Unsupported."""
    function, arguments = operand(tree, "function"), operand(tree, "arguments")
    given = [c for c in arguments.children if c.is_named and c.type != "comment"]
    name = text(function).replace(" ", "")
    templated = re.fullmatch(r"([\w:]+)<(.*)>", text(function).strip())
    plain = (templated[1] if templated else name).removeprefix("std::").removeprefix("aie::")
    extra = templated[2] if templated else ""
    limits = re.fullmatch(r"(?:std::)?numeric_limits<([\w]+)>::(\w+)", name)
    if limits is not None:
        return library.limit(state.graph, state.kind_of(limits[1]), limits[2])
    kind = state.kind_of(name.strip("()")) if not templated else None
    if templated and plain in _CASTS:
        kind = state.kind_of(extra)
    if kind is not None and len(given) == 1:  # (T)(x) reads like a call of (T)
        return state.graph.cast(value(state, given[0]), kind)
    if kind is not None and not given:
        return state.graph.const(0, kind)
    if plain in ("bit_cast", "__builtin_bit_cast"):
        return _bits(state, extra, given)
    if plain == "memcpy" and len(given) == 3:
        return _punned_copy(state, given)
    if plain in state.functions:
        return _inlined(state, state.functions[plain], given, extra)
    values = [value(state, g) for g in given]
    if templated and plain in ("min", "max", "clamp") and state.kind_of(extra) is not None:
        kind = state.kind_of(extra)
        values = [state.graph.cast(v, kind or v.kind) for v in values]
    return library.function(state.graph, plain, values)


def _bits(state: State, extra: str, given: list[Tree]) -> Node:
    kind = state.kind_of(extra or text(given[0]))
    found = value(state, given[-1])
    if kind is None or kind.bits != found.kind.bits:
        raise Unsupported("a reinterpretation of another size")
    return state.graph.reinterpret(found, kind)


def _punned_copy(state: State, given: list[Tree]) -> Node:
    """`memcpy(&a, &b, 4)` between variables of 32 bits."""
    names = [text(g).removeprefix("&").strip() for g in given[:2]]
    kind, found = state.kinds.get(names[0]), state.env.get(names[1])
    if found is None and is_pointer(state, given[1]):
        found = state.load(pointer_in(state, given[1]))
    if kind is None or found is None or kind.bits != found.kind.bits:
        raise Unsupported("a memcpy")
    size = value(state, given[2])
    if not text(given[0]).startswith("&") or not size.constant or size.number * 8 != kind.bits:
        raise Unsupported("a memcpy")
    state.env[names[0]] = state.graph.reinterpret(found, kind)
    return found


def _inlined(state: State, function: Tree, given: list[Tree], extra: str) -> Node:
    """What a helper of the source returns; its by-reference parameters are written back."""
    from kernelgepa.playbook.statements import run  # noqa: PLC0415

    if state.depth >= DEPTH:
        raise Unsupported("a helper that calls itself")
    body = function.child_by_field_name("body")
    parameters = [n for n in walk(function) if n.type == "parameter_declaration"]
    if body is None or len(parameters) != len(given):
        raise Unsupported("a helper that cannot be read")
    inside = state.branch()
    inside.depth, inside.result = state.depth + 1, None
    _template(state, inside, function, parameters, given, extra)
    back: list[tuple[str, str]] = []
    for parameter, argument in zip(parameters, given, strict=True):
        back += _bound(state, inside, parameter, argument)
    run(inside, list(body.children))
    state.stores, state.spent = inside.stores, inside.spent
    for own, outer in back:
        state.env[outer] = state.graph.cast(inside.env[own], state.kinds[outer])
    if function.type == "lambda_expression":  # captures by reference
        hidden = {_name(p) for p in parameters} | declared_in(body)
        for name in set(state.env) - hidden:
            state.env[name] = inside.env[name]
    spelled = text(operand(function, "type")) if function.type != "lambda_expression" else "auto"
    kind = inside.kind_of(spelled.replace("inline", "").strip())
    if inside.result is None:
        return state.graph.const(0, I32)
    return state.graph.cast(inside.result, kind) if kind is not None else inside.result


def _name(parameter: Tree) -> str:
    declarator = parameter.child_by_field_name("declarator")
    found = [text(n) for n in walk(declarator) if n.type == "identifier"] if declarator else []
    return found[0] if found else ""


def _bound(state: State, inside: State, parameter: Tree, argument: Tree) -> list[tuple[str, str]]:
    """Binds one parameter; returns which variable is written back through it."""
    name, declarator = _name(parameter), parameter.child_by_field_name("declarator")
    if is_pointer(state, argument) and (
        declarator is None or declarator.type != "reference_declarator"
    ):
        inside.pointers[name] = pointer_in(state, argument)
        return []
    spelled = text(operand(parameter, "type"))
    kind = inside.kind_of(spelled)
    if kind is None and spelled != "auto":
        raise Unsupported(f"a parameter of type {spelled}")
    outer = text(argument)
    refers = declarator is not None and declarator.type == "reference_declarator"
    changes = refers and not any(text(c) == "const" for c in parameter.children)
    if changes and outer in state.kinds and outer not in state.env:
        found = state.graph.const(0, state.kinds[outer])
    else:
        found = value(state, argument)
    inside.kinds[name] = kind or found.kind
    inside.env[name] = state.graph.cast(found, inside.kinds[name])
    inside.pointers.pop(name, None)
    inside.tables.pop(name, None)
    return [(name, outer)] if changes and outer in state.kinds else []


def _template(
    state: State,
    inside: State,
    function: Tree,
    parameters: list[Tree],
    given: list[Tree],
    extra: str,
) -> None:
    """Types and constants of a template, given or deduced."""
    parent = function.parent
    if parent is None or parent.type != "template_declaration":
        return
    explicit = [e.strip() for e in re.split(r",(?![^<]*>)", extra)] if extra else []
    declared = [c for c in operand(parent, "parameters").children if c.is_named]
    for number, one in enumerate(declared):
        name = text(one).split("=")[0].split()[-1]
        argument = explicit[number] if number < len(explicit) else ""
        default = text(one).partition("=")[2].strip()
        if one.type.endswith("type_parameter_declaration"):
            kind = state.kind_of(argument) if argument else _deduced(state, name, parameters, given)
            kind = kind or (state.kind_of(default) if default else None)
            if kind is not None:
                inside.names[name] = kind
        else:
            known = argument or default
            inside.kinds[name] = I32
            if re.fullmatch(r"-?\d+", known):
                inside.env[name] = state.graph.const(int(known), I32)
            elif known in ("true", "false"):
                inside.env[name] = state.graph.const(int(known == "true"), I32)
            elif known in state.env:
                inside.env[name] = state.env[known]


def _deduced(state: State, name: str, parameters: list[Tree], given: list[Tree]) -> Kind | None:
    for parameter, argument in zip(parameters, given, strict=True):
        if text(operand(parameter, "type")) == name:
            if is_pointer(state, argument):
                return pointer_in(state.branch(), argument).kind
            return value(state.branch(), argument).kind
    return None
