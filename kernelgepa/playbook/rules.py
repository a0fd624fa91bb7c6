"""The rules, in the order an engineer would try them. Each has a name, a trigger, a citation.

A rule never looks at names, only at the syntax tree, the types and what the profile says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kernelgepa.playbook.helpers import inlined
from kernelgepa.playbook.macros import expanded
from kernelgepa.playbook.memory_rules import aligned_locals, restricted
from kernelgepa.playbook.syntax import (
    Edit,
    apply,
    find_function,
    innermost_loops,
    parse,
    text,
    walk,
)
from kernelgepa.playbook.vectorise import Options, Vectorised, vectorise

UNROLLED = (2, 4)
_LANES = re.compile(r"<(?P<head>(?:[^<>]*,\s*)?)(?P<lanes>\d+)>$")
CITATIONS: Mapping[str, str] = {
    "vectorise": "AM020, AIE-ML core: one vector instruction does the work of 16 to 64 trips",
    "gather": "AM020: scalar loads and vector inserts use different slots",
    "split": "AM020: scalar and vector units work side by side",
    "bf16": "AM020: bfloat16 products are native, float32 ones a sequence",
    "restrict": "UG1079, restrict: without it stores may change what is loaded next",
    "chains": "AIE2Schedule.td: dependent accumulations wait 2 to 4 cycles for each other",
    "widen": "UG1079, software pipelining: longer vectors hide latencies",
    "unroll": "UG1079, loop unrolling: operations of several trips overlap",
    "guard": "UG1079, loop directives: known trip counts let loops be unrolled and overlapped",
}


@dataclass(frozen=True)
class Facts:
    """What is known of a task beside the source: the function, buffers, fixed scalars."""

    function: str
    buffers: frozenset[str] = frozenset()
    scalars: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Rewrite:
    """A child's text, the rule that made it and what it did."""

    source: str
    rule: str
    note: str
    citations: tuple[str, ...] = ()


# What a rule makes of a parent's text; nothing where its trigger is not met.
Rule = Callable[[str, Facts], Iterable[Rewrite]]


def rewrites(
    seed: str,
    parent: str,
    facts: Facts,
    first: Sequence[str] = (),
    more: Sequence[Rule] = (),
) -> Iterator[Rewrite]:
    """Every rewrite that makes a new text, the most promising first.

    Loops are vectorised from the seed, where they can still be read; all else improves the parent.
    `first`: names of the variants that the profile speaks for. `more`: rules that come before.
    """
    seen = {seed, parent}
    order = {name: number for number, name in enumerate(first)}
    variants = sorted(VARIANTS, key=lambda v: order.get(v.name, len(order)))
    sources: list[Iterable[Rewrite]] = [rule(parent, facts) for rule in more]
    sources += [_variant(seed, facts, v) for v in VARIANTS[:1]]
    sources += [_variant(seed, facts, v) for v in variants]
    if parent != seed:
        sources += [_variant(parent, facts, v) for v in VARIANTS[:1]]
    sources += [rule(parent, facts) for rule in (_restricted, _unrolled, _widened)]
    for source in sources:
        for made in source:
            if made.source not in seen:
                seen.add(made.source)
                yield made


def readable(source: str, function: str) -> str:
    """The source with its own macros and its helpers' loops in the kernel itself."""
    return inlined(expanded(source, function), function)


def reasons(source: str, facts: Facts) -> tuple[str, ...]:
    """Why loops were left alone."""
    source = readable(source, facts.function)
    options = Options(gather=True, aligned=facts.buffers)
    return tuple(dict.fromkeys(vectorise(source, facts.function, options).reasons))


@dataclass(frozen=True)
class Variant:
    """One way to vectorise: which is best depends on what limits a loop."""

    name: str
    cited: tuple[str, ...]
    detail: str = ""
    fast: bool = False
    chains: int = 1
    widen: int = 1


VARIANTS = (
    Variant("vectorise", ("vectorise",)),
    Variant(
        "vectorise-bf16", ("vectorise", "bf16"), ", products from bfloat16 operands", fast=True
    ),
    Variant(
        "vectorise-chains",
        ("vectorise", "bf16", "chains"),
        ", four vectors side by side, products from bfloat16 operands",
        fast=True,
        chains=4,
    ),
    Variant(
        "vectorise-wide",
        ("vectorise", "bf16", "widen"),
        ", vectors of two registers, products from bfloat16 operands",
        fast=True,
        widen=2,
    ),
    Variant(
        "vectorise-pairs",
        ("vectorise", "bf16", "chains"),
        ", two vectors side by side, products from bfloat16 operands",
        fast=True,
        chains=2,
    ),
)


def _variant(source: str, facts: Facts, how: Variant) -> Iterator[Rewrite]:
    source = readable(source, facts.function)
    options = Options(how.fast, True, how.chains, how.widen, aligned=facts.buffers)
    plain = vectorise(source, facts.function, options)
    guarded = None
    if facts.scalars:
        guarded = vectorise(source, facts.function, replace(options, known=facts.scalars))
    if guarded is not None and guarded.done and _better(guarded, plain):
        yield Rewrite(
            _finished(_guarded(source, facts, guarded), facts),
            f"{how.name}-guarded",
            f"vectorise {', '.join(guarded.done)} where the scalars have their usual values"
            + how.detail,
            tuple(CITATIONS[c] for c in (*how.cited, "guard", "restrict")),
        )
    elif plain.edits:
        yield Rewrite(
            _finished(apply(source, plain.edits), facts),
            how.name,
            f"vectorise {', '.join(plain.done)}, declare the buffers __restrict{how.detail}",
            tuple(CITATIONS[c] for c in (*how.cited, "restrict")),
        )


def _better(guarded: Vectorised, plain: Vectorised) -> bool:
    """Whether knowing the scalars helps: a loop more, or a number of trips that is known."""
    open_ended = any("<= trips" in e.text for e in plain.edits)
    if not plain.reasons and not open_ended:
        return False
    return [e.text for e in guarded.edits] != [e.text for e in plain.edits]


def _guarded(source: str, facts: Facts, made: Vectorised) -> str:
    """Both bodies: the one for the values at hand, and the one there was."""
    tree = find_function(parse(source), facts.function)
    body = tree.child_by_field_name("body") if tree is not None else None
    if body is None:
        return source
    raw = source.encode()
    inner = raw[body.start_byte + 1 : body.end_byte - 1].decode()
    moved = [
        Edit(e.start - body.start_byte - 1, e.end - body.start_byte - 1, e.text) for e in made.edits
    ]
    holds = " && ".join(f"{n} == {v}" for n, v in sorted(facts.scalars.items()))
    fast = apply(inner, moved)
    text_ = f"{{\n  if ({holds}) {{{fast}}} else {{{inner}}}\n}}"
    return apply(source, [Edit(body.start_byte, body.end_byte, text_)])


def _finished(source: str, facts: Facts) -> str:
    return aligned_locals(restricted(source, facts.function), facts.function)


def _restricted(source: str, facts: Facts) -> Iterator[Rewrite]:
    yield Rewrite(
        _finished(source, facts),
        "restrict",
        "declare the buffers __restrict",
        (CITATIONS["restrict"],),
    )


def _widened(source: str, facts: Facts) -> Iterator[Rewrite]:
    """Twice the lanes, in every template argument and the step of the loops that use them."""
    tree = find_function(parse(source), facts.function)
    if tree is None or "trip" in text(tree):
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
                edits += _steps(node, lanes)
        yield Rewrite(
            apply(source, edits),
            "widen",
            f"use vectors of {2 * lanes} elements instead of {lanes}",
            (CITATIONS["widen"],),
        )


def _steps(loop: object, lanes: int) -> list[Edit]:
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


def _unrolled(source: str, facts: Facts) -> Iterator[Rewrite]:
    """Innermost vector loops unrolled, so that more of their operations overlap."""
    for count in UNROLLED:
        tree = find_function(parse(source), facts.function)
        if tree is None:
            return
        edits = []
        for loop in innermost_loops(tree):
            before = source.encode()[: loop.start_byte].decode().rstrip()
            last = before.rsplit("\n", 1)[-1]
            if "UNROLL" not in last and "unroll" not in last:
                edits.append(Edit(loop.start_byte, loop.start_byte, f"AIE_LOOP_UNROLL({count}) "))
        made = apply(source, edits)
        if edits and "aie_kernel_utils.h" not in made:
            made = f'#include "aie_kernel_utils.h"\n{made}'
        yield Rewrite(
            made,
            f"unroll-{count}",
            f"unroll the innermost loops {count} times",
            (CITATIONS["unroll"],),
        )
