"""What is known at one point of the code: values of variables, where pointers point, memory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kernelgepa.playbook import kinds
from kernelgepa.playbook.expressions import Graph, Node, Unsupported, text_of
from kernelgepa.playbook.indices import HERE, Index, index_text
from kernelgepa.playbook.kinds import I32, Kind

if TYPE_CHECKING:
    from tree_sitter import Node as Tree

UNROLLED_TRIPS = 128  # of inner loops, all together


@dataclass(frozen=True)
class Place:
    """Where a pointer points: an element of a buffer."""

    base: str
    index: Index
    kind: Kind

    def moved(self, by: Index, sign: int = 1) -> Place:
        return Place(self.base, self.index.plus(by, sign), self.kind)


@dataclass
class Union:
    """A union of 32-bit members: one value, read as any of them."""

    members: Mapping[str, Kind]
    value: Node | None = None


@dataclass
class Table:
    """An array of this trip, or of constants: elements at known indices."""

    kind: Kind
    size: int
    values: dict[int, Node]


@dataclass
class State:
    """`stores`: what this trip has written so far; `cells`: elements that every trip rewrites.

    `names`: types that the source declares; `functions`: helpers that can be looked into.
    """

    graph: Graph = field(default_factory=Graph)
    env: dict[str, Node] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    pointers: dict[str, Place] = field(default_factory=dict)
    refers: dict[str, Place] = field(default_factory=dict)  # references to elements
    tables: dict[str, Table] = field(default_factory=dict)
    unions: dict[str, Union] = field(default_factory=dict)
    stores: dict[tuple[str, Index], Node] = field(default_factory=dict)
    arrays: dict[str, Kind] = field(default_factory=dict)  # common to all branches
    loads: set[tuple[str, Index]] = field(default_factory=set)  # common to all branches
    functions: dict[str, Tree] = field(default_factory=dict)
    names: dict[str, Kind] = field(default_factory=dict)
    cells: frozenset[tuple[str, Index]] = frozenset()
    gather: bool = False
    depth: int = 0
    result: Node | None = None  # of the helper that is being looked into
    spent: list[int] = field(default_factory=lambda: [0])

    def branch(self) -> State:
        """A copy that can go its own way."""
        made = copy(self)
        made.env, made.kinds = dict(self.env), dict(self.kinds)
        made.refers = dict(self.refers)
        made.pointers, made.stores = dict(self.pointers), dict(self.stores)
        made.functions, made.names = dict(self.functions), dict(self.names)
        made.unions = {n: copy(u) for n, u in self.unions.items()}
        made.tables = {n: Table(t.kind, t.size, dict(t.values)) for n, t in self.tables.items()}
        return made

    def kind_of(self, spelling: str) -> Kind | None:
        """The scalar type of a spelling, the source's own names included."""
        plain = " ".join(
            w for w in spelling.split() if w not in ("const", "constexpr", "static", "volatile")
        )
        return self.names.get(plain) or kinds.kind_of(spelling)

    def trip(self) -> None:
        """Counts a trip of an inner loop. Raises Unsupported where there are too many."""
        self.spent[0] += 1
        if self.spent[0] > UNROLLED_TRIPS:
            raise Unsupported("an inner loop of many trips")

    def forget(self, names: set[str]) -> None:
        """The variables have changed in a way that is not known."""
        for name in names:
            if name in self.pointers:
                kind = self.pointers[name].kind
                self.pointers[name] = Place(name, HERE, kind)
                self.arrays[name] = kind
            elif name in self.kinds:
                self.env[name] = self.graph.uniform(name, self.kinds[name])
            self.tables.pop(name, None)
        for other, place in self.pointers.items():
            if any(_mentions(term, names) for term, _ in place.index.terms):
                self.pointers[other] = Place(other, HERE, place.kind)
                self.arrays[other] = place.kind
        for other, node in self.env.items():
            if other not in names and not node.constant and _mentions(text_of(node), names):
                self.env[other] = self.graph.uniform(other, self.kinds.get(other, node.kind))

    # --- memory
    def load(self, place: Place) -> Node:
        """The element at a place. Raises Unsupported."""
        key = (place.base, place.index)
        if key in self.stores:
            return self.stores[key]
        self.loads.add(key)
        if key in self.cells:
            return self.graph.carried(cell(*key), place.kind)
        if place.base in self.tables and place.index.uniform:
            return self.element(place.base, place.index.offset)
        if place.index.stride == 0:
            return self.graph.uniform(cell(*key), place.kind)
        return self.graph.load(place.base, place.index, place.kind)

    def element(self, name: str, offset: int) -> Node:
        table = self.tables[name]
        if offset not in table.values:
            raise Unsupported(f"{name}[{offset}], whose value is not known")
        return table.values[offset]

    def store(self, place: Place, value: Node) -> Node:
        value = self.graph.cast(value, place.kind)
        if place.base in self.tables:
            if not place.index.uniform:
                raise Unsupported(f"{place.base} is written at an index that is not known")
            self.tables[place.base].values[place.index.offset] = value
            return value
        self.stores[(place.base, place.index)] = value
        return value

    def probe(self, name: str) -> None:
        """From here on the variable holds an unknown number of that name."""
        if name in self.env and name not in self.pointers and not self.env[name].kind.floating:
            self.env[name] = self.graph.uniform(f"@{name}", self.kinds.get(name, I32))
        else:
            self.carry(name)

    def carry(self, name: str) -> None:
        """From here on the variable holds what the trip before left in it."""
        if name in self.pointers:
            place = self.pointers[name]
            self.pointers[name] = Place(place.base, Index(0, 0, ((f"@{name}", 1),)), place.kind)
        elif name in self.env:
            self.env[name] = self.graph.carried(name, self.kinds.get(name, I32))


def cell(base: str, index: Index) -> str:
    """C text of an element that is the same in every trip."""
    return f"{base}[{index_text(index, '')}]"


def _mentions(text: str, names: set[str]) -> bool:
    return any(word in names for word in re.findall(r"[A-Za-z_]\w*", text))
