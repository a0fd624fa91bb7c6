"""Which values become one kernel: connected, of one iteration space, and convex.

A kernel goes over rows and columns: the columns are the dimensions that its reductions take, or for
want of one as many last dimensions as can be gone over in one piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kernelgepa.playbook.modules.graph import Unsupported
from kernelgepa.playbook.modules.translate import Program
from kernelgepa.playbook.modules.values import COSTLY, Shape, Value, broadcast, elements, users

RANK = 8


@dataclass(frozen=True)
class Layout:
    """How the values of a kernel lie. `shape` is that of its iteration space, traced.

    `full`: values that differ along the columns; others are one number a row. `squeezed`: values
    without the `over` dimensions of the columns.
    """

    over: int
    shape: Shape
    full: frozenset[str]
    squeezed: frozenset[str]
    reduces: bool


@dataclass(frozen=True)
class Region:
    """Values of one kernel in order, what it reads and what others need of it."""

    members: tuple[str, ...]
    leaves: tuple[str, ...]
    outputs: tuple[str, ...]
    layout: Layout

    def where(self, name: str) -> Literal["full", "row", "squeezed"]:
        if name in self.layout.squeezed:
            return "squeezed"
        return "full" if name in self.layout.full else "row"


def regions(program: Program) -> tuple[list[Region], frozenset[str]]:
    """Kernels of a program, and nodes that must be left to torch before this is asked again."""
    groups = _Groups(program)
    for name in program.order:
        value = program.values.get(name)
        if value is not None and value.op != "leaf":
            groups.place(value)
    found, wrong = [], set[str]()
    needed = users(program.values)
    for opaque in program.opaque.values():
        for name in opaque.uses:
            needed.get(name, []).append(opaque.name)
    for members in groups.groups:
        outputs = tuple(
            m for m in members if m in program.results or any(u not in members for u in needed[m])
        )
        layout = layout_of(program.values, members)
        if layout is None or _wrong(program, layout, outputs) or _trivial(program, members):
            wrong |= {program.values[m].node for m in members}
            continue
        found.append(Region(members, _leaves(program.values, members), outputs, layout))
    return found, frozenset(wrong)


def _leaves(values: Mapping[str, Value], members: Sequence[str]) -> tuple[str, ...]:
    used = (o for m in members for o in values[m].operands)
    return tuple(dict.fromkeys(o for o in used if o not in members))


def _wrong(program: Program, layout: Layout, outputs: Iterable[str]) -> bool:
    """Whether an output cannot be written by the kernel as it is wanted."""
    rows = layout.shape[: len(layout.shape) - layout.over]
    for name in outputs:
        value = program.values[name]
        if name in layout.squeezed:
            wanted = rows
        else:
            wanted = layout.shape if name in layout.full else rows + (1,) * layout.over
        if value.boolean or value.shape != wanted or name in program.loose:
            return True
    return not outputs


def _trivial(program: Program, members: Sequence[str]) -> bool:
    """One cheap operation among others: torch does it as well."""
    alone = len({v.node for v in program.values.values() if v.op != "leaf"}) == 1
    nodes = {program.values[m].node for m in members}
    cheap = not any(program.values[m].op in COSTLY or program.values[m].reduces for m in members)
    return len(nodes) == 1 and cheap and not (alone and not program.opaque)


class _Groups:
    """Values by kernel, growing in order."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._of: dict[str, int] = {}
        self._members: dict[int, tuple[str, ...]] = {}

    @property
    def groups(self) -> list[tuple[str, ...]]:
        order = {name: i for i, name in enumerate(self._program.order)}
        return [tuple(sorted(m, key=order.__getitem__)) for m in self._members.values()]

    def place(self, value: Value) -> None:
        """Joins the kernels of what it uses, as many as can be; else begins one."""
        members: tuple[str, ...] = (value.name,)
        joined = list[int]()
        for group in dict.fromkeys(self._of[o] for o in value.operands if o in self._of):
            together = self._sorted((*self._members[group], *members))
            if self._convex(together) and layout_of(self._program.values, together) is not None:
                members = together
                joined.append(group)
        for group in joined:
            del self._members[group]
        number = max(self._of.values(), default=-1) + 1
        self._members[number] = members
        self._of |= dict.fromkeys(members, number)

    def _sorted(self, members: Sequence[str]) -> tuple[str, ...]:
        made = list(self._program.values)
        return tuple(sorted(members, key=made.index))

    def _convex(self, members: Sequence[str]) -> bool:
        """Whether nothing outside both depends on the members and is used by them."""
        inside = set(members)
        waiting = [n for m in members for n in self._program.needs(m) if n not in inside]
        seen = set(waiting)
        while waiting:
            name = waiting.pop()
            group = self._of.get(name)
            mates = self._members[group] if group is not None else ()
            for other in (*mates, *(n for m in (name, *mates) for n in self._program.needs(m))):
                if other in inside:
                    return False
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return True


def layout_of(values: Mapping[str, Value], members: Sequence[str]) -> Layout | None:
    """How these values would lie in one kernel; None where they cannot."""
    inside = set(members)
    overs = {values[m].over for m in members if values[m].over}
    squeezed = _squeezed(values, members)
    if len(overs) > 1 or squeezed is None:
        return None
    over = overs.pop() if overs else 0
    used = [*members, *(o for m in members for o in values[m].operands if o not in inside)]
    shapes = {
        n: values[n].shape + (1,) * (over if n in squeezed else 0) for n in dict.fromkeys(used)
    }
    try:
        space = broadcast(list(shapes.values()))
    except Unsupported:
        return None
    leaves = [s for n, s in shapes.items() if n not in inside]
    reduces = any(values[m].reduces for m in members)
    over = over or _longest(space, leaves)
    columns = space[len(space) - over :]
    if len(space) > RANK or elements(columns) <= 1:
        return None
    full = set[str]()
    for name in [n for n in shapes if n not in inside] + list(members):
        value = values[name]
        ends = _padded(shapes[name], len(space))[len(space) - over :]
        if name not in inside:
            if elements(ends) > 1:
                full.add(name)
        elif value.reduces or value.op in ("keep", "drop"):
            if (
                value.reduces
                and _padded(shapes[value.operands[0]], len(space))[len(space) - over :] != columns
            ):
                return None
            if value.op in ("keep", "drop") and value.operands[0] in full:
                return None
        elif any(o in full for o in value.operands):
            full.add(name)
    return Layout(over, space, frozenset(full), frozenset(squeezed), reduces)


def _padded(shape: Shape, rank: int) -> Shape:
    return (1,) * (rank - len(shape)) + shape


def _longest(space: Shape, leaves: Sequence[Shape]) -> int:
    """How many last dimensions every leaf either has in full or not at all."""
    best = 0
    for over in range(1, len(space) + 1):
        columns = space[len(space) - over :]
        ends = [_padded(s, len(space))[len(space) - over :] for s in leaves]
        if all(e == columns or elements(e) == 1 for e in ends):
            best = over
    return best or 1


def _squeezed(values: Mapping[str, Value], members: Sequence[str]) -> set[str] | None:
    """Values without the dimensions of the columns; None where such are mixed with others."""
    inside, found, plain = set(members), set[str](), set[str]()
    for name in members:
        value = values[name]
        own = [o for o in value.operands if o in inside]
        if value.reduces or value.op == "drop":
            if any(o in found for o in own):
                return None
            if not value.keep:
                found.add(name)
        elif value.op == "keep":
            if not own or own[0] not in found:
                return None
        elif any(o in found for o in own):
            for operand in value.operands:
                if operand in found or not values[operand].shape:
                    continue
                if operand in inside:
                    return None
                found.add(operand)
            found.add(name)
            continue
        plain |= {o for o in value.operands if o not in inside}
    return None if plain & found else found
