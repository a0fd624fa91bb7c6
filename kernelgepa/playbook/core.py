"""What all emitters share: names of temporaries, constants before the loop, vectors in memory."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Literal

from kernelgepa.playbook.expressions import Node, Unsupported, stripped
from kernelgepa.playbook.indices import Index, index_text
from kernelgepa.playbook.kinds import Kind
from kernelgepa.playbook.state import Place

Form = Literal["b", "f", "a"]  # bfloat16 vector, float vector, float accumulator
ALIGN = 256  # bits that an aligned access wants, at most
WIDEST_STRIDE = 8


@dataclass
class Constants:
    """Statements before the loop, common to all its vectors."""

    lines: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def name(self, expression: str) -> str:
        if expression not in self.names:
            self.names[expression] = f"c{len(self.names)}"
            self.lines.append(f"const auto {self.names[expression]} = {expression};")
        return self.names[expression]


@dataclass
class Core(ABC):
    """Statements of one vector trip. `widest` tells, after a dry run, which lanes fit a register.

    `fast`: products of floats from operands rounded to bfloat16, one multiplication instead of a
    sequence. `aligned_bases`: buffers that begin at a multiple of 32 bytes. `gather`: elements
    may be collected one by one.
    """

    lanes: int
    counter: str
    fast: bool = False
    gather: bool = False
    aligned_bases: frozenset[str] = frozenset()
    aligned_trip: bool = True  # the counter is a multiple of the lanes
    shift: int = 0  # trips by which these lanes are ahead of the counter
    constants: Constants = field(default_factory=Constants)
    body: list[str] = field(default_factory=list)
    widest: int = 8
    narrowest: int = 32
    gathers: bool = False
    given: dict[int, tuple[str, Kind]] = field(default_factory=dict)
    _known: dict[tuple[object, ...], str] = field(default_factory=dict)
    _count: int = 0

    # --- given by the parts for integers, floats and truth values
    @abstractmethod
    def integer(self, node: Node, kind: Kind) -> str: ...

    @abstractmethod
    def real(self, node: Node, want: Form) -> str: ...

    @abstractmethod
    def fitting(self, nodes: tuple[Node, ...], wanted: Kind) -> Kind: ...

    @abstractmethod
    def converted(self, text: str, have: Kind, want: Kind) -> str: ...

    @abstractmethod
    def mask(self, node: Node) -> str: ...

    def known(self, node: Node, kind: Kind, vector: str) -> None:
        """The node's values are in a vector already."""
        self.given[id(node)] = (vector, kind)

    def known_text(self, node: Node) -> str:
        return self.given[id(node)][0]

    # --- text
    def temporary(self, expression: str) -> str:
        name = f"v{self.shift // self.lanes}_{self._count}" if self.shift else f"v{self._count}"
        self._count += 1
        self.body.append(f"const auto {name} = {expression};")
        return name

    def constant(self, expression: str) -> str:
        return self.constants.name(expression)

    def vector(self, kind: Kind) -> str:
        self.touched(kind)
        return f"{kind.name}, {self.lanes}"

    def touched(self, kind: Kind) -> None:
        self.widest = max(self.widest, kind.bits)
        self.narrowest = min(self.narrowest, max(kind.bits, 8))

    def ahead(self, index: Index) -> Index:
        return Index(index.stride, index.offset + index.stride * self.shift, index.terms)

    def address(self, base: str, index: Index) -> str:
        return f"{base} + {index_text(self.ahead(index), self.counter)}"

    def aligned(self, base: str, kind: Kind, index: Index, lanes: int) -> bool:
        """Whether every address is known to be a multiple of what the access needs."""
        need = max(1, min(ALIGN, kind.bits * lanes) // kind.bits)
        at = self.ahead(index)
        steps = [at.offset, *(c for _, c in at.terms)]
        if not self.aligned_trip and at.stride:
            return False
        steps.append(at.stride * self.lanes)
        return base in self.aligned_bases and all(s % need == 0 for s in steps)

    # --- memory
    def loaded(self, base: str, index: Index, kind: Kind) -> str:
        """A vector of the elements at an index, whatever its stride."""
        key = ("load", base, index)
        if key not in self._known:
            self._known[key] = self._loaded(base, index, kind)
        return self._known[key]

    def _loaded(self, base: str, index: Index, kind: Kind) -> str:
        if index.stride == 1:
            return self._consecutive(base, index, kind, self.lanes)
        if index.stride == -1:
            last = Index(-1, index.offset - (self.lanes - 1), index.terms)
            straight = self._consecutive(base, last, kind, self.lanes)
            return self.temporary(f"aie::reverse({straight})")
        stride = index.stride
        if stride in (2, 4, WIDEST_STRIDE):
            return self._every(base, index, kind)
        return self._one_by_one(
            kind, [f"({self.address(base, index)})[{stride * k}]" for k in range(self.lanes)]
        )

    def _consecutive(self, base: str, index: Index, kind: Kind, lanes: int) -> str:
        key = ("consecutive", base, index, lanes)
        if key not in self._known:
            self.touched(kind)
            function = "load_v" if self.aligned(base, kind, index, lanes) else "load_unaligned_v"
            self._known[key] = self.temporary(
                f"aie::{function}<{lanes}>({self.address(base, index)})"
            )
        return self._known[key]

    def _every(self, base: str, index: Index, kind: Kind) -> str:
        """Every second (fourth, eighth) element of what is loaded."""
        stride = index.stride
        first = index.offset % stride if all(c % stride == 0 for _, c in index.terms) else 0
        start = Index(stride, index.offset - first, index.terms)
        lanes = self.lanes * stride
        now = self._consecutive(base, start, kind, lanes)
        while stride > 1:
            function = "odd" if first & 1 else "even"
            key = ("filter", now, function)
            if key not in self._known:
                self._known[key] = self.temporary(f"aie::filter_{function}({now})")
            now = self._known[key]
            first, stride = first >> 1, stride // 2
        return now

    def _one_by_one(self, kind: Kind, elements: list[str]) -> str:
        self.gathers = True
        if not self.gather:
            raise Unsupported("a load of elements that do not follow each other")
        name = f"g{self.shift}_{self._count}"
        self._count += 1
        self.body.append(f"aie::vector<{self.vector(kind)}> {name};")
        self.body += [f"{name}.set({e}, {k});" for k, e in enumerate(elements)]
        return name

    def gathered(self, node: Node) -> str:
        """Elements at indices that are themselves values."""
        place, index = node.attribute, node.args[0]
        assert isinstance(place, Place)
        key = ("gather", id(node))
        if key in self._known:
            return self._known[key]
        inner = stripped(index)
        start = self.address(place.base, place.index)
        if inner.op == "load" and isinstance(inner.attribute, tuple):
            base, at = inner.attribute
            elements = [
                f"({start})[({self.address(base, at)})[{at.stride * k}]]" for k in range(self.lanes)
            ]
        else:
            vector = self.integer(index, index.kind)
            elements = [f"({start})[{vector}.get({k})]" for k in range(self.lanes)]
        self._known[key] = self._one_by_one(node.kind, elements)
        return self._known[key]

    def store(self, base: str, index: Index, kind: Kind, value: str, count: int) -> None:
        """Stores the first `count` lanes."""
        self.touched(kind)
        if index.stride == -1 and count == self.lanes:
            value = self.temporary(f"aie::reverse({value})")
            index = Index(-1, index.offset - (self.lanes - 1), index.terms)
        elif index.stride != 1 or count < self.lanes:
            self._scattered(base, index, value, count)
            return
        function = "store_v" if self.aligned(base, kind, index, self.lanes) else "store_unaligned_v"
        self.body.append(f"aie::{function}({self.address(base, index)}, {value});")

    def store_pair(self, base: str, index: Index, kind: Kind, even: str, odd: str) -> None:
        """Stores two vectors whose elements alternate in memory."""
        pair = self.temporary(f"aie::interleave_zip({even}, {odd}, 1)")
        for half, one in enumerate(("first", "second")):
            at = Index(index.stride, index.offset + half * self.lanes, index.terms)
            fits = self.aligned(base, kind, at, self.lanes)
            function = "store_v" if fits else "store_unaligned_v"
            self.body.append(f"aie::{function}({self.address(base, at)}, {pair}.{one});")

    def _scattered(self, base: str, index: Index, value: str, count: int) -> None:
        if index.stride != 1:
            self.gathers = True
            if not self.gather:
                raise Unsupported("a store to elements that do not follow each other")
        start = self.address(base, index)
        self.body += [f"({start})[{index.stride * k}] = {value}.get({k});" for k in range(count)]

    # --- the counter as a value
    def counted(self, kind: Kind) -> str:
        """The numbers of the lanes' trips, modulo 2^bits."""
        key = ("counted", kind)
        if key not in self._known:
            numbers = ", ".join(str(kind.wrap(n)) for n in range(self.lanes))
            table = f"lane_numbers_{kind.bits}_{self.lanes}"
            line = f"alignas(32) static const {kind.name} {table}[{self.lanes}] = {{{numbers}}};"
            if line not in self.constants.lines:
                self.constants.lines.append(line)
            first = self.constant(f"aie::load_v<{self.lanes}>({table})")
            self.touched(kind)
            begin = f"({kind.name})({self.counter} + {self.shift})"
            self._known[key] = self.temporary(
                f"aie::add({first}, aie::broadcast<{self.vector(kind)}>({begin}))"
            )
        return self._known[key]
