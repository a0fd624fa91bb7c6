"""Writes helpers that hold loops into the kernel, where their loops can be seen and vectorised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kernelgepa.playbook.syntax import (
    Edit,
    apply,
    declared_in,
    find_function,
    operand,
    parse,
    text,
    walk,
)

if TYPE_CHECKING:
    from tree_sitter import Node as Tree

HIDDEN = "_of"  # behind the names of a helper
ROUNDS = 4  # helpers within helpers
_LOOPS = ("for_statement", "while_statement", "do_statement")


def inlined(source: str, function: str) -> str:
    """The source with every call of such a helper, as a statement, replaced by its body."""
    for _ in range(ROUNDS):
        root = parse(source)
        tree = find_function(root, function)
        edit = _first(root, tree, function) if tree is not None else None
        if edit is None:
            return source
        source = apply(source, [edit])
    return source


def _first(root: Tree, tree: Tree, function: str) -> Edit | None:
    for node in walk(operand(tree, "body")):
        if node.type != "expression_statement":
            continue
        inner = next((c for c in node.children if c.is_named and c.type != "comment"), None)
        target = ""
        if inner is not None and inner.type == "assignment_expression":
            if text(operand(inner, "operator")) != "=":
                continue
            target, inner = text(operand(inner, "left")), operand(inner, "right")
        if inner is None or inner.type != "call_expression":
            continue
        made = _body(root, inner, target, function)
        if made is not None:
            return Edit(node.start_byte, node.end_byte, made)
    return None


def _body(root: Tree, call: Tree, target: str, function: str) -> str | None:
    """A block that does what the call does, None where the helper is no plain one."""
    called = text(operand(call, "function"))
    name, _, rest = called.partition("<")
    helper = find_function(root, name.strip())
    if helper is None or name.strip() == function:
        return None
    body = operand(helper, "body")
    if not any(n.type in _LOOPS for n in walk(body)):
        return None
    given = [c for c in operand(call, "arguments").children if c.is_named and c.type != "comment"]
    parameters = _parameters(helper)
    if len(parameters) != len(given):
        return None
    lines = _template(helper, rest.rstrip("> ").strip(), parameters, given)
    if lines is None:
        return None
    for parameter, argument in zip(parameters, given, strict=True):
        spelled = re.sub(r"\b__restrict(?:__)?\b", "", text(parameter)).strip()
        own = _name(parameter)
        if not own:
            return None
        renamed = re.sub(rf"\b{own}\b(?!.*\b{own}\b)", own + HIDDEN, spelled, flags=re.DOTALL)
        lines.append(f"{renamed} = {text(argument)};")
    done = _returning(_renamed(helper, body), target)
    if done is None:
        return None
    return "{\n" + "\n".join(lines) + "\n" + done + "\n}"


def _renamed(helper: Tree, body: Tree) -> Tree:
    """The body with names of its own, so that none hides one of the caller's."""
    names = {_name(p) for p in _parameters(helper)} | declared_in(body)
    edits = [
        Edit(n.end_byte - body.start_byte, n.end_byte - body.start_byte, HIDDEN)
        for n in walk(body)
        if n.type == "identifier" and text(n) in names
    ]
    root = parse("void f() " + apply(text(body), edits))
    return operand(next(n for n in walk(root) if n.type == "function_definition"), "body")


def _parameters(helper: Tree) -> list[Tree]:
    return [n for n in walk(operand(helper, "declarator")) if n.type == "parameter_declaration"]


def _name(parameter: Tree) -> str:
    declarator = parameter.child_by_field_name("declarator")
    names = [text(n) for n in walk(declarator) if n.type == "identifier"] if declarator else []
    return names[0] if names else ""


def _template(
    helper: Tree, given: str, parameters: list[Tree], arguments: list[Tree]
) -> list[str] | None:
    """The template's types and constants as declarations; None where they are not given."""
    parent = helper.parent
    if parent is None or parent.type != "template_declaration":
        return []
    declared = [c for c in operand(parent, "parameters").children if c.is_named]
    values = [v.strip() for v in given.split(",")] if given else []
    lines = []
    for number, one in enumerate(declared):
        left, _, default = text(one).partition("=")
        name = left.split()[-1]
        value = values[number] if number < len(values) else default.strip()
        kind = one.type.endswith("type_parameter_declaration")
        if not value and kind:
            value = _deduced(name, parameters, arguments)
        if not value:
            return None
        lines.append(f"using {name} = {value};" if kind else f"constexpr {left.strip()} = {value};")
    return lines


def _deduced(name: str, parameters: list[Tree], arguments: list[Tree]) -> str:
    """The type of the argument for a parameter of type T or T *, as C++ deduces it."""
    for parameter, argument in zip(parameters, arguments, strict=True):
        if text(operand(parameter, "type")) == name and argument.type == "identifier":
            star = "*" in text(parameter)
            element = f"decltype(+{text(argument)}[0])" if star else f"decltype({text(argument)})"
            return _declared_type(argument) or element
    return ""


def _declared_type(argument: Tree) -> str:
    """The element type of a parameter of the function around, by its name."""
    at = argument.parent
    while at is not None and at.type != "function_definition":
        at = at.parent
    for parameter in _parameters(at) if at is not None else []:
        if _name(parameter) == text(argument):
            return text(operand(parameter, "type"))
    return ""


def _returning(body: Tree, target: str) -> str | None:
    """The body's text, its only return at the end turned into an assignment."""
    returns = [n for n in walk(body) if n.type == "return_statement"]
    inner = text(body)[1:-1]
    if not returns:
        return None if target else inner.strip()
    last = [c for c in body.children if c.is_named and c.type != "comment"][-1]
    if len(returns) > 1 or last.id != returns[0].id:
        return None
    value = text(last).removeprefix("return").rstrip("; ").strip()
    start = last.start_byte - body.start_byte - 1
    end = last.end_byte - body.start_byte - 1
    made = f"{target} = {value};" if target and value else ""
    raw = inner.encode()
    return (raw[:start] + made.encode() + raw[end:]).decode().strip()
