"""The syntax tree of a kernel, through tree-sitter: functions, loops, edits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


@cache
def _parser() -> Parser:
    import tree_sitter  # noqa: PLC0415
    import tree_sitter_cpp  # noqa: PLC0415

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_cpp.language()))


def parse(source: str) -> Node:
    """The root of the tree; positions are byte offsets into the UTF-8 text."""
    return _parser().parse(source.encode()).root_node


def text(node: Node) -> str:
    return (node.text or b"").decode()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in order of appearance."""
    yield node
    for child in node.children:
        yield from walk(child)


def find_function(root: Node, name: str) -> Node | None:
    """The definition of a function."""
    for node in walk(root):
        if node.type == "function_definition":
            declarator = node.child_by_field_name("declarator")
            while declarator is not None and declarator.type != "function_declarator":
                declarator = declarator.child_by_field_name("declarator")
            inner = declarator.child_by_field_name("declarator") if declarator else None
            if inner is not None and text(inner) == name:
                return node
    return None


def innermost_loops(function: Node) -> list[Node]:
    """`for` statements that hold no other loop, in order."""
    found = []
    for node in walk(function):
        if node.type == "for_statement":
            body = node.child_by_field_name("body")
            loops = ("for_statement", "while_statement", "do_statement", "for_range_loop")
            if body is not None and not any(n.type in loops for n in walk(body)):
                found.append(node)
    return found


@dataclass(frozen=True)
class Edit:
    """Replace bytes start..end by text."""

    start: int
    end: int
    text: str


def apply(source: str, edits: Sequence[Edit]) -> str:
    """The source with edits that do not overlap."""
    raw = source.encode()
    for edit in sorted(edits, key=lambda e: -e.start):
        raw = raw[: edit.start] + edit.text.encode() + raw[edit.end :]
    return raw.decode()


def indentation(source: str, position: int) -> str:
    """The white space that begins the line of a byte position."""
    line = source.encode()[:position].decode().rsplit("\n", 1)[-1]
    return line[: len(line) - len(line.lstrip())]


def assigned(node: Node) -> set[str]:
    """Names of variables that are written anywhere below."""
    names: set[str] = set()
    for n in walk(node):
        if n.type == "assignment_expression":
            left = n.child_by_field_name("left")
        elif n.type == "update_expression" or (
            n.type == "pointer_expression" and text(n).startswith("&")
        ):
            left = n.child_by_field_name("argument")
        else:
            continue
        if left is not None and left.type == "identifier":
            names.add(text(left))
        elif left is not None and left.type == "field_expression":
            names.add(text(left).split(".")[0])
    return names


def identifiers(node: Node) -> set[str]:
    return {text(n) for n in walk(node) if n.type == "identifier"}


def operand(tree: Node, name: str) -> Node:
    """A field of the tree; the tree itself where there is none, which then is not understood."""
    return tree.child_by_field_name(name) or tree


def declared_in(body: Node) -> set[str]:
    """Variables that are declared anywhere below."""
    names = set()
    for node in walk(body):
        if node.type == "declaration":
            for declarator in node.children_by_field_name("declarator"):
                target = declarator.child_by_field_name("declarator") or declarator
                names |= identifiers(target)
    return names
