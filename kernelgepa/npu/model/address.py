"""Addresses as linear forms, and whether two accesses may touch the same bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from kernelgepa.npu.ir import Block, Function, Instruction
from kernelgepa.npu.irtypes import TypeSizes

_GEP = re.compile(
    r"getelementptr (?:inbounds |nuw |nusw |inrange\S* )*(?P<t>[^,]+), ptr (?P<p>[^,]+)(?P<i>.*)$"
)
_INDEX = re.compile(r"i\d+ ([%\w.$-]+)")
_BINARY = re.compile(r"= (add|sub|mul|shl|or) (?:nuw |nsw |disjoint )*i\d+ ([%\w.-]+), ([%\w.-]+)")
_EXTEND = re.compile(r"= (?:zext|sext|trunc) (?:nneg |nuw |nsw )*i\d+ ([%\w.-]+) to")
_POINTER = re.compile(r"ptr ((?:@|%)[\w.$-]+|getelementptr .*\)|null)(?:,|\)|$)")


@dataclass(frozen=True)
class Linear:
    """sum of coefficient * symbol, plus constant, plus stride per iteration of the loop."""

    terms: tuple[tuple[str, int], ...] = ()
    constant: int = 0
    stride: int = 0

    def plus(self, other: Linear, times: int = 1) -> Linear:
        merged = dict(self.terms)
        for name, n in other.terms:
            merged[name] = merged.get(name, 0) + n * times
        kept = tuple(sorted((k, v) for k, v in merged.items() if v))
        return Linear(
            kept, self.constant + other.constant * times, self.stride + other.stride * times
        )


@dataclass
class Addresses:
    """Linear forms of one function's integers and pointers, seen from inside `loop`."""

    function: Function
    loop: Block | None
    sizes: TypeSizes = field(default_factory=TypeSizes)

    def __post_init__(self) -> None:
        self._defined = self.function.made
        self._inside = {i.result for i in self.loop.instructions} if self.loop else set[str]()
        self._known: dict[str, Linear] = {}

    def of(self, value: str, depth: int = 0) -> Linear:
        """The linear form of a value; itself as a symbol where it is none."""
        if value in self._known:
            return self._known[value]
        form = self._compute(value, depth) if depth < 40 else None
        result = form if form is not None else Linear(((value, 1),))
        self._known[value] = result
        return result

    def _compute(self, value: str, depth: int) -> Linear | None:
        if re.fullmatch(r"-?\d+", value):
            return Linear(constant=int(value))
        if value.startswith("getelementptr"):
            return self._gep(value, depth)
        made = self._defined.get(value)
        if made is None:
            return None
        if made.opcode == "phi":
            return self._phi(made, depth)
        if made.opcode == "getelementptr":
            return self._gep(made.text, depth)
        if match := _BINARY.search(made.text):
            return self._binary(match, depth)
        if match := _EXTEND.search(made.text):
            return self.of(match[1], depth + 1)
        return None

    def _binary(self, match: re.Match[str], depth: int) -> Linear | None:
        kind, left, right = match[1], self.of(match[2], depth + 1), self.of(match[3], depth + 1)
        if kind in ("add", "or"):
            return left.plus(right)
        if kind == "sub":
            return left.plus(right, -1)
        if kind == "mul" and not right.terms and not right.stride:
            return Linear().plus(left, right.constant)
        if kind == "shl" and not right.terms and not right.stride and 0 <= right.constant < 32:
            return Linear().plus(left, 1 << right.constant)
        return None

    def _phi(self, phi: Instruction, depth: int) -> Linear | None:
        """An induction variable: its first value, advancing by a constant."""
        if self.loop is None or phi.result not in self._inside:
            return None
        arms = {b: v for v, b in re.findall(r"\[ ([^,]+), (%[\w.$-]+) \]", phi.text)}
        back = arms.pop(self.loop.label, None)
        if back is None or len(arms) != 1:
            return None
        self._known[phi.result] = Linear(((phi.result, 1),))
        step = self.of(back, depth + 1).plus(Linear(((phi.result, 1),)), -1)
        for name in [n for n in self._known if n in self._inside]:
            del self._known[name]
        if step.terms or step.stride:
            return None
        (first,) = arms.values()
        start = self.of(first, depth + 1) if first != phi.result else Linear()
        return Linear(start.terms, start.constant, step.constant)

    def _gep(self, text: str, depth: int) -> Linear | None:
        match = _GEP.search(text.replace("getelementptr inbounds nuw (", "getelementptr (")
                            .replace("getelementptr (", "getelementptr ").rstrip(")"))  # fmt: skip
        if match is None:
            return None
        form = self.of(match["p"].strip(), depth + 1)
        kind = match["t"].strip()
        indices = _INDEX.findall(match["i"])
        for level, index in enumerate(indices):
            if level:
                array = re.match(r"\[\d+ x (.*)\]$", kind)
                if array is None:
                    return None
                kind = array[1]
            form = form.plus(self.of(index, depth + 1), self.sizes.size(kind))
        return form


@dataclass(frozen=True)
class Access:
    """One access to memory, seen from the loop."""

    store: bool
    address: Linear
    bytes: int
    root: str  # the object it points into: "%0", "@table", or "?" where that is not known
    scopes: frozenset[str]
    noalias: frozenset[str]
    constant: bool = False  # a table that is never written


def pointer_of(text: str) -> str:
    """The pointer operand of a load's or store's text."""
    found = _POINTER.findall(text.split(", align")[0])
    return found[-1] if found else "?"


def root_of(form: Linear, objects: Mapping[str, bool]) -> str:
    """The object an address lies in: its only symbol that is an argument, alloca or global."""
    found = [name for name, n in form.terms if n == 1 and name in objects]
    return found[0] if len(found) == 1 else "?"


def may_alias(a: Access, b: Access, separate: Mapping[str, bool]) -> bool:
    """Whether the two may touch the same bytes in any iteration, by what the compiler was told.

    `separate` maps an object to whether it is distinct from all others (alloca, global).
    """
    if a.constant or b.constant:
        return False
    if (a.scopes and a.scopes <= b.noalias) or (b.scopes and b.scopes <= a.noalias):
        return False
    if a.root != b.root and "?" not in (a.root, b.root):
        return not (separate.get(a.root, False) or separate.get(b.root, False))
    return True


def distances(first: Access, second: Access) -> list[int] | None:
    """Iterations after which `second` touches what `first` touched, least first; None: unknown.

    An empty list: never.
    """
    if first.address.terms != second.address.terms or first.root == "?":
        return None
    if first.address.stride != second.address.stride:
        return None
    stride = first.address.stride
    gap = first.address.constant - second.address.constant
    if stride == 0:
        return [0, 1] if -first.bytes < gap < second.bytes else []
    # second in iteration i + k begins stride * k - gap bytes behind first in i
    centre = gap // stride
    reach = max(first.bytes, second.bytes) // abs(stride) + 3
    return [
        k
        for k in range(max(0, centre - reach), centre + reach + 1)
        if -second.bytes < stride * k - gap < first.bytes
    ]
