"""Rules that rewrite any kernel, vectorised by us or written by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kernelgepa.playbook.syntax import (
    Edit,
    apply,
    find_function,
    innermost_loops,
    parse,
    text,
    walk,
)
from kernelgepa.playbook.vectorise import vectorise
from kernelgepa.task import Interface

UNROLLED = (2, 4)
_LANES = re.compile(r"<(?P<head>(?:[^<>]*,\s*)?)(?P<lanes>\d+)>$")


@dataclass(frozen=True)
class Rewrite:
    """A child's text and what was done."""

    source: str
    rule: str
    note: str


def rewrites(source: str, interface: Interface) -> Iterator[Rewrite]:
    """Every rewrite that changes the text, the most promising first."""
    for rule in (_vectorised, _restricted, _widened, _unrolled):
        for made in rule(source, interface):
            if made.source != source:
                yield made


def _vectorised(source: str, interface: Interface) -> Iterator[Rewrite]:
    plain, _ = vectorise(source, interface.function)
    yield Rewrite(plain, "vectorise", "vectorise elementwise loops")
    rounded, _ = vectorise(source, interface.function, fast=True)
    if rounded != plain:
        yield Rewrite(
            rounded,
            "vectorise-bf16",
            "vectorise elementwise loops, products from bfloat16 operands",
        )


def _restricted(source: str, interface: Interface) -> Iterator[Rewrite]:
    tree = find_function(parse(source), interface.function)
    if tree is None:
        return
    edits = []
    for node in walk(tree):
        if node.type != "parameter_declaration" or "__restrict" in text(node):
            continue
        declarator = node.child_by_field_name("declarator")
        if declarator is not None and declarator.type == "pointer_declarator":
            at = declarator.start_byte + 1  # behind the star
            edits.append(Edit(at, at, "__restrict "))
    yield Rewrite(apply(source, edits), "restrict", "declare the buffers __restrict")


def _widened(source: str, interface: Interface) -> Iterator[Rewrite]:
    """Twice the lanes, in every template argument and the step of the loops that use them."""
    tree = find_function(parse(source), interface.function)
    if tree is None:
        return
    for lanes in sorted({int(m) for m in re.findall(r"load(?:_unaligned)?_v<(\d+)>", text(tree))}):
        edits = []
        for node in walk(tree):
            if node.type == "template_argument_list":
                match = _LANES.search(text(node))
                if match and int(match["lanes"]) == lanes:
                    edits.append(
                        Edit(node.start_byte, node.end_byte, f"<{match['head']}{2 * lanes}>")
                    )
            elif node.type == "for_statement":
                edits += _steps(source, node, lanes)
        yield Rewrite(
            apply(source, edits), "widen", f"use vectors of {2 * lanes} elements instead of {lanes}"
        )


def _steps(source: str, loop: object, lanes: int) -> list[Edit]:
    from tree_sitter import Node  # noqa: PLC0415

    assert isinstance(loop, Node)
    edits = []
    for name in ("update", "condition"):
        part = loop.child_by_field_name(name)
        if part is None:
            continue
        for node in walk(part):
            beside = node.parent
            if node.type != "number_literal" or text(node) != str(lanes) or beside is None:
                continue
            added = beside.type == "binary_expression" and "+" in text(beside)
            if name == "update" or added:
                edits.append(Edit(node.start_byte, node.end_byte, str(2 * lanes)))
    return edits


def _unrolled(source: str, interface: Interface) -> Iterator[Rewrite]:
    """Innermost vector loops unrolled, so that more of their operations overlap."""
    for count in UNROLLED:
        tree = find_function(parse(source), interface.function)
        if tree is None:
            return
        edits = []
        for loop in innermost_loops(tree):
            before = source.encode()[: loop.start_byte].decode().rstrip()
            last = before.rsplit("\n", 1)[-1]
            if "aie::" in text(loop) and "UNROLL" not in last and "unroll" not in last:
                edits.append(Edit(loop.start_byte, loop.start_byte, f"AIE_LOOP_UNROLL({count}) "))
        made = apply(source, edits)
        if edits and "aie_kernel_utils.h" not in made:
            made = f'#include "aie_kernel_utils.h"\n{made}'
        yield Rewrite(made, f"unroll-{count}", f"unroll the vector loops {count} times")
