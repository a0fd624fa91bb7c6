"""Counted loops: what they count, over what, and what the code before them has settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kernelgepa.playbook.expressions import Graph, Node, Unsupported
from kernelgepa.playbook.interpreter import Interpreter
from kernelgepa.playbook.kinds import kind_of
from kernelgepa.playbook.syntax import assigned, text, walk

if TYPE_CHECKING:
    from tree_sitter import Node as Tree


@dataclass(frozen=True)
class Counted:
    """for (variable = low; variable < high; variable++) body."""

    tree: Tree
    variable: str
    declaration: str  # the variable's type where the loop declares it, else empty
    low: Node
    high: Node
    body: Tree

    @property
    def trips(self) -> int | None:
        """How often the body runs, where that is known before the kernel runs."""
        if self.low.constant and self.high.constant:
            return max(0, int(self.high.number) - int(self.low.number))
        return None


def header(tree: Tree, scope: Interpreter) -> Counted:
    """The loop's counting. Raises Unsupported where it is not a plain count upwards by one."""
    first = tree.child_by_field_name("initializer")
    condition = tree.child_by_field_name("condition")
    update = tree.child_by_field_name("update")
    body = tree.child_by_field_name("body")
    if first is None or condition is None or update is None or body is None:
        raise Unsupported("a loop without a counter")
    variable, declaration, value = _start(first)
    if text(update).replace(" ", "") not in (f"{variable}++", f"++{variable}", f"{variable}+=1"):
        raise Unsupported("a loop that does not count up by one")
    left, right = condition.child_by_field_name("left"), condition.child_by_field_name("right")
    operator = condition.child_by_field_name("operator")
    if left is None or right is None or operator is None or text(left) != variable:
        raise Unsupported("a loop whose end is not compared with its counter")
    written = assigned(body)
    if variable in written:
        raise Unsupported("a loop that changes its counter")
    high = scope.value(right)
    if text(operator) == "<=":
        high = scope.graph.binary("add", high, scope.graph.const(1, high.kind))
    elif text(operator) not in ("<", "!="):
        raise Unsupported("a loop that does not count up to a limit")
    if any(name in written for name in _names(right)):
        raise Unsupported("a loop that changes its own limit")
    return Counted(tree, variable, declaration, scope.value(value), high, body)


def _names(tree: Tree) -> set[str]:
    return {text(n) for n in walk(tree) if n.type == "identifier"}


def _start(first: Tree) -> tuple[str, str, Tree]:
    if first.type == "declaration":
        kind = first.child_by_field_name("type")
        declarator = first.child_by_field_name("declarator")
        if kind is not None and declarator is not None and declarator.type == "init_declarator":
            name = declarator.child_by_field_name("declarator")
            value = declarator.child_by_field_name("value")
            many = sum(c.type == "init_declarator" for c in first.children) > 1
            if name is not None and value is not None and kind_of(text(kind)) and not many:
                return text(name), text(kind), value
    if first.type == "assignment_expression":
        left, value = first.child_by_field_name("left"), first.child_by_field_name("right")
        if left is not None and value is not None and left.type == "identifier":
            return text(left), "", value
    raise Unsupported("a loop without a plain counter")


def scope_before(function: Tree, loop: Tree) -> Interpreter:
    """What holds at the loop's entry: parameters, constants, variables that keep their value."""
    scope = Interpreter(Graph())
    scope.parameters(function)
    changing = assigned(function)
    body = function.child_by_field_name("body")
    chain: list[Tree] = []
    at: Tree | None = loop
    while at is not None and body is not None and at.id != body.id:
        chain.append(at)
        at = at.parent
    for inner in reversed(chain):
        parent = inner.parent
        if parent is None:
            continue
        if parent.type == "for_statement":
            _outer_counter(scope, parent)
            continue
        for sibling in parent.children:
            if sibling.id == inner.id:
                break
            if sibling.type == "declaration":
                scope.declare_outside(sibling, changing)
    # Variables at namespace scope.
    root = function.parent
    while root is not None and root.parent is not None:
        root = root.parent
    for node in root.children if root is not None else []:
        if node.type == "declaration":
            scope.declare_outside(node, changing)
    return scope


def _outer_counter(scope: Interpreter, tree: Tree) -> None:
    first = tree.child_by_field_name("initializer")
    if first is None:
        return
    try:
        name, declaration, _ = _start(first)
    except Unsupported:
        return
    kind = kind_of(declaration or "int")
    if kind is not None:
        scope.env[name] = scope.graph.uniform(name, kind)
