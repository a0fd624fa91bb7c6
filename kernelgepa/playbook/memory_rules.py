"""Declarations that help memory accesses: __restrict, alignment."""

from __future__ import annotations

from kernelgepa.playbook.syntax import Edit, apply, find_function, operand, parse, text, walk

VECTOR_BYTES = 32


def restricted(source: str, function: str) -> str:
    """The function's buffers declared __restrict, so that stores do not hold back loads."""
    tree = find_function(parse(source), function)
    if tree is None:
        return source
    edits = []
    for node in walk(operand(tree, "declarator")):
        if node.type != "parameter_declaration" or "restrict" in text(node):
            continue
        declarator = node.child_by_field_name("declarator")
        if declarator is not None and declarator.type == "pointer_declarator":
            at = declarator.start_byte + 1  # behind the star
            edits.append(Edit(at, at, "__restrict "))
    return apply(source, edits)


def aligned_locals(source: str, function: str) -> str:
    """Local arrays where vector accesses need no second load."""
    tree = find_function(parse(source), function)
    if tree is None:
        return source
    edits = []
    for node in walk(operand(tree, "body")):
        if node.type != "declaration" or "alignas" in text(node):
            continue
        targets = [
            d.child_by_field_name("declarator") or d
            for d in node.children_by_field_name("declarator")
        ]
        if targets and all(t.type == "array_declarator" for t in targets):
            edits.append(Edit(node.start_byte, node.start_byte, f"alignas({VECTOR_BYTES}) "))
    return apply(source, edits)
