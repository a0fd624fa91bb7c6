"""Vectorises loops whose trips the syntax tree shows to be independent, or to add up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kernelgepa.playbook.analysis import Work, analysed, collapsed, used_after
from kernelgepa.playbook.code import Plan, written
from kernelgepa.playbook.emit import Constants, Emitter
from kernelgepa.playbook.expressions import Node, Unsupported
from kernelgepa.playbook.indices import Index
from kernelgepa.playbook.partial import best, carried_on, collected, rounded, scan
from kernelgepa.playbook.reductions import Best, Recurrence, Reduced, Rounded, Scanned
from kernelgepa.playbook.serial import Serial
from kernelgepa.playbook.statements import LOOPS
from kernelgepa.playbook.syntax import Edit, find_function, parse, walk

if TYPE_CHECKING:
    from tree_sitter import Node as Tree

    from kernelgepa.playbook.kinds import Kind

REGISTER_BITS = 512
SMALLEST_BITS = 128
COUNTER = "trip"

_ANNOTATIONS = re.compile(r"(?:\bAIE_[A-Z_]+(?:[ \t]*\([\w ,]*\))?\s+)+\Z")
_ANNOTATION_CHARACTERS = 400


@dataclass(frozen=True)
class Options:
    """How to vectorise. `known`: values of parameters that hold under a guard."""

    fast: bool = False
    gather: bool = False
    chains: int = 1
    widen: int = 1
    known: Mapping[str, float] = field(default_factory=dict)
    aligned: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Vectorised:
    """Edits, the lines of the loops they replace, and why other loops were left alone."""

    edits: tuple[Edit, ...]
    done: tuple[str, ...]
    reasons: tuple[str, ...]


def vectorise(source: str, function: str, options: Options) -> Vectorised:
    """Edits that vectorise every loop that can be."""
    tree = find_function(parse(source), function)
    if tree is None:
        return Vectorised((), (), (f"no function {function}",))
    edits: list[Edit] = []
    done: list[str] = []
    reasons: list[str] = []
    for gather in (False, True) if options.gather else (False,):
        for loop in [n for n in walk(tree) if n.type in LOOPS]:
            if any(e.start < loop.end_byte and loop.start_byte < e.end for e in edits):
                continue
            line = f"line {loop.start_point[0] + 1}"
            try:
                edits.append(_edit(source, tree, loop, options, gather))
                done.append(line)
            except Unsupported as reason:
                reasons.append(f"{line}: {reason}")
            except RecursionError:
                reasons.append(f"{line}: an expression of too many parts")
    return Vectorised(tuple(edits), tuple(done), tuple(reasons))


def _edit(source: str, function: Tree, loop: Tree, options: Options, gather: bool) -> Edit:
    first: Unsupported | None = None
    for view in (analysed, collapsed):
        try:
            work = view(function, loop, options.known, gather)
            plan = _planned(work, options, gather)
            text_ = written(source, plan, used_after(function, work.tree))
            return Edit(_begin(source, work.tree.start_byte), work.tree.end_byte, text_)
        except Unsupported as reason:
            first = first or reason
    assert first is not None
    raise first


def _begin(source: str, start: int) -> int:
    """Where a loop begins with its annotations: they would not fit what takes its place."""
    before = source.encode()[:start].decode("utf-8", "replace")
    found = _ANNOTATIONS.search(before[-_ANNOTATION_CHARACTERS:])
    return start - len(found[0].encode()) if found else start


def _planned(work: Work, options: Options, gather: bool) -> Plan:
    """The vectors' length, how many go side by side, and their statements."""
    dry = _emitted(work, 16, 1, options, gather, COUNTER)
    widest = max(e.widest for e in dry.emitters)
    narrowest = min(e.narrowest for e in dry.emitters)
    lanes = REGISTER_BITS // widest * options.widen
    if dry.emitters[0].gathers or work.ordered:
        lanes = max(SMALLEST_BITS // narrowest, min(lanes, 16))
    lanes = max(lanes, SMALLEST_BITS // narrowest)
    trips = work.loop.trips
    sums = any(isinstance(c, Reduced) and c.op == "add" for c in work.carried)
    if trips is not None and sums and trips <= lanes and lanes * narrowest > SMALLEST_BITS:
        lanes //= 2  # joining the lanes costs more than another instruction
    while trips is not None and trips < lanes and lanes * narrowest > SMALLEST_BITS:
        lanes //= 2
    if trips is not None and trips < lanes:
        return _partial(work, lanes, options, gather)
    chains = options.chains if not work.ordered else 1
    while chains > 1 and (trips is None or trips // lanes % chains):
        chains //= 2
    plan = _emitted(work, lanes, chains, options, gather, COUNTER)
    if trips is None or trips % lanes == 0:
        return plan
    overlaps = not work.in_place and all(
        isinstance(c, Reduced) and c.op in ("min", "max", "and", "or") for c in work.carried
    )
    if overlaps:
        plan.last = (
            _emitted(work, lanes, 1, options, gather, str(trips - lanes), plan.constants, False)
            .emitters[0]
            .body
        )
    return plan


def _partial(work: Work, lanes: int, options: Options, gather: bool) -> Plan:
    """Fewer trips than the shortest vector has lanes: the others compute nothing of use."""
    if work.carried:
        raise Unsupported(f"{work.loop.trips} trips are less than a vector")
    assert work.loop.trips is not None
    plan = _emitted(work, lanes, 1, options, gather, "0", count=work.loop.trips)
    plan.partial = True
    return plan


def _emitted(
    work: Work,
    lanes: int,
    chains: int,
    options: Options,
    gather: bool,
    counter: str,
    constants: Constants | None = None,
    carried: bool = True,
    count: int | None = None,
) -> Plan:
    shared = constants or Constants()
    emitters = [
        Emitter(
            lanes,
            counter,
            options.fast,
            gather,
            options.aligned,
            counter == COUNTER or int(counter) % lanes == 0,
            shift=lanes * n,
            constants=shared,
        )
        for n in range(chains)
    ]
    after: list[str] = []
    if work.serial:
        _serial(work, emitters)
        after = _gathered(work, emitters)
        return Plan(work, emitters, shared, after)
    scans = [c for c in work.carried if isinstance(c, Scanned)]
    for emitter in emitters:
        after = [line for one in scans for line in scan(emitter, one)]
        _stores(work, emitter, lanes if count is None else count)
    for one in scans:
        carried_on(emitters[0], one)
    if carried:
        after += _gathered(work, emitters)
    else:
        _joined_last(work, emitters[0])
    return Plan(work, emitters, shared, after)


def _gathered(work: Work, emitters: list[Emitter]) -> list[str]:
    lines: list[str] = []
    for one in work.carried:  # places first: they need what the best was before
        if isinstance(one, Best):
            lines += best(emitters, one)
    for one in work.carried:
        if isinstance(one, Reduced):
            lines += collected(emitters, one)
        elif isinstance(one, Rounded):
            lines += rounded(emitters[0], one)
    return lines


def _joined_last(work: Work, emitter: Emitter) -> None:
    """The last vector's extrema go into the first chain's partial results."""
    kept = emitter.constants.lines
    emitter.constants.lines = list(kept)
    for one in work.carried:
        if isinstance(one, Reduced):
            collected([emitter], one)
    new = [line for line in emitter.constants.lines[len(kept) :] if "_lanes" not in line]
    emitter.constants.lines = kept + new


def _serial(work: Work, emitters: list[Emitter]) -> None:
    from kernelgepa.playbook.reductions import depends  # noqa: PLC0415

    recurrences = [c for c in work.carried if isinstance(c, Recurrence)]
    for emitter in emitters:
        needing = [s for s in work.stores if depends(s[2])]
        kinds = [work.state.arrays[base] for base, _, _ in needing]
        made = Serial(emitter).run(
            recurrences, [(n, k) for (_, _, n), k in zip(needing, kinds, strict=True)]
        )
        for (base, index, _), kind, value in zip(needing, kinds, made, strict=True):
            emitter.store(base, index, kind, value, emitter.lanes)
        for base, index, node in work.stores:
            if not depends(node):
                kind = work.state.arrays[base]
                emitter.store(base, index, kind, _value(emitter, node, kind), emitter.lanes)


def _value(emitter: Emitter, node: Node, kind: Kind) -> str:
    if kind.floating:
        return emitter.real(node, "b" if kind.bits == 16 else "f")
    return emitter.integer(node, kind)


def _stores(work: Work, emitter: Emitter, count: int) -> None:
    values = [
        (base, index, work.state.arrays[base], _value(emitter, node, work.state.arrays[base]))
        for base, index, node in work.stores
    ]
    by_place = {(base, index): value for base, index, _, value in values}
    paired: set[tuple[str, Index]] = set()
    for base, index, kind, value in values:
        if (base, index) in paired:
            continue
        beside = (base, Index(index.stride, index.offset + 1, index.terms))
        if index.stride == 2 and beside in by_place and count == emitter.lanes:
            paired.add(beside)
            emitter.store_pair(base, index, kind, value, by_place[beside])
        else:
            emitter.store(base, index, kind, value, count)
