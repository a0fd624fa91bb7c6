"""The typed expression graph of a loop body: C values, ranges of integers, exactness of floats.

Nodes are interned: equal expressions are one object, so shared values are emitted once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kernelgepa.playbook import kinds
from kernelgepa.playbook.kinds import BOOL, F32, I32, U32, Kind

if TYPE_CHECKING:
    from kernelgepa.playbook.indices import Index
    from kernelgepa.playbook.state import Place

COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
SYMBOLS = {
    "add": "+", "sub": "-", "mul": "*", "div": "/", "rem": "%", "and": "&", "or": "|", "xor": "^",
    "shl": "<<", "shr": ">>", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!=",
    "land": "&&", "lor": "||",
}  # fmt: skip


class Unsupported(Exception):
    """The loop is left alone; the message says what was not recognised."""


@dataclass(frozen=True, eq=False)
class Node:
    """One value. `attribute` is the constant, the invariant text, or (array, Index) of a load."""

    op: str
    kind: Kind
    args: tuple[Node, ...] = ()
    attribute: object = None
    low: int = 0
    high: int = 0
    exact: bool = False  # a float whose every value is representable in bfloat16
    invariant: bool = False  # the same in every iteration

    @property
    def constant(self) -> bool:
        return self.op == "const"

    @property
    def number(self) -> float:
        assert isinstance(self.attribute, int | float)
        return self.attribute


@dataclass
class Graph:
    """Builds nodes: folds constants, tracks ranges, recognises minimum and maximum."""

    trips: tuple[int, int] = (0, I32.high)  # the range of the trip number
    _table: dict[tuple[object, ...], Node] = field(default_factory=dict)

    def _node(
        self,
        op: str,
        kind: Kind,
        args: tuple[Node, ...] = (),
        attribute: object = None,
        span: tuple[int, int] | None = None,
        exact: bool = False,
        invariant: bool | None = None,
    ) -> Node:
        key = (op, kind, tuple(map(id, args)), repr(attribute))
        if key in self._table:
            return self._table[key]
        if span is None or span[0] < kind.low or span[1] > kind.high:
            span = (kind.low, kind.high)
        if kind.floating:
            span = (0, 0)
        fixed = all(a.invariant for a in args) if invariant is None else invariant
        made = Node(op, kind, args, attribute, *span, exact or kind == kinds.BF16, fixed)
        self._table[key] = made
        return made

    # --- leaves
    def const(self, value: float, kind: Kind) -> Node:
        if kind.floating:
            number = kinds.as_float32(value)
            return self._node(
                "const", kind, attribute=number, exact=kinds.is_bfloat16(number), invariant=True
            )
        whole = kind.wrap(int(value)) if kind != BOOL else int(bool(value))
        return self._node("const", kind, attribute=whole, span=(whole, whole), invariant=True)

    def uniform(self, text: str, kind: Kind, span: tuple[int, int] | None = None) -> Node:
        """A value of the surrounding code, by its C text."""
        return self._node("uniform", kind, attribute=text, invariant=True, span=span)

    @property
    def trip(self) -> Node:
        """The number of the loop's trip, from 0."""
        return self._node("counter", I32, span=self.trips, invariant=False)

    def set_trips(self, trips: int | None) -> None:
        """How many trips there are; to be set before trip numbers are used."""
        self.trips = (0, I32.high if trips is None else max(trips - 1, 0))
        self._table.pop(("counter", I32, (), "None"), None)

    def load(self, array: str, index: Index, kind: Kind) -> Node:
        return self._node("load", kind, attribute=(array, index), invariant=False)

    # --- conversions
    def cast(self, x: Node, kind: Kind) -> Node:
        if x.kind == kind:
            return x
        if kind == BOOL:
            return self.compare("ne", x, self.const(0, x.kind))
        if x.constant:
            return self.const(x.number, kind)
        if kind.floating and x.kind.floating:
            exact = x.exact
            if x.op == "cast" and x.args[0].exact and x.args[0].kind == kind:
                return x.args[0]  # there and back without a rounding
            return self._node("cast", kind, (x,), exact=exact)
        if kind.floating:
            small = max(abs(x.low), abs(x.high)) <= 256
            return self._node("cast", kind, (x,), exact=small)
        if x.kind.floating:
            return self._node("cast", kind, (x,))
        return self._node("cast", kind, (x,), span=(x.low, x.high))

    def reinterpret(self, x: Node, kind: Kind) -> Node:
        """The same bits as another type of that size."""
        if x.kind == kind:
            return x
        if x.kind.floating == kind.floating:
            return self.cast(x, kind)
        if x.op == "bits" and x.args[0].kind == kind:
            return x.args[0]
        return self._node("bits", kind, (x,))

    # --- arithmetic
    def negate(self, x: Node) -> Node:
        kind = kinds.promoted(x.kind)
        x = self.cast(x, kind)
        if x.constant:
            return self.const(-x.number, kind)
        return self._node("neg", kind, (x,), span=(-x.high, -x.low), exact=x.exact)

    def invert(self, x: Node) -> Node:
        kind = kinds.promoted(x.kind)
        if kind.floating:
            raise Unsupported("~ of a floating point value")
        x = self.cast(x, kind)
        if x.constant:
            return self.const(~int(x.number), kind)
        return self._node("not", kind, (x,), span=(~x.high, ~x.low))

    def binary(self, op: str, a: Node, b: Node) -> Node:
        """An arithmetic, bit or shift operation under the usual conversions."""
        if op in COMPARISONS:
            return self.compare(op, a, b)
        if op in ("land", "lor"):
            return self.logical(op, a, b)
        shift = op in ("shl", "shr")
        kind = kinds.promoted(a.kind) if shift else kinds.common(a.kind, b.kind)
        if kind.floating and op not in ("add", "sub", "mul", "div"):
            raise Unsupported(f"{SYMBOLS[op]} of floating point values")
        a, b = self.cast(a, kind), self.cast(b, kinds.promoted(b.kind) if shift else kind)
        if a.constant and b.constant:
            folded = _fold(op, a, b, kind)
            if folded is not None:
                return self.const(folded, kind)
        if b.constant and op in ("add", "sub", "or", "xor", "shl", "shr") and b.number == 0:
            return a
        if b.constant and op in ("mul", "div") and b.number == 1:
            return a
        if kind.floating and op == "div" and b.constant and b.number != 0:
            return self.binary("mul", a, self.const(1.0 / b.number, F32))
        return self._node(op, kind, (a, b), span=_span(op, a, b))

    def compare(self, op: str, a: Node, b: Node) -> Node:
        kind = kinds.common(a.kind, b.kind)
        a, b = self.cast(a, kind), self.cast(b, kind)
        if a.constant and b.constant:
            x, y = a.number, b.number
            results = {"lt": x < y, "le": x <= y, "gt": x > y, "ge": x >= y, "eq": x == y}
            return self.const(results.get(op, x != y), BOOL)
        return self._node(op, BOOL, (a, b))

    def logical(self, op: str, a: Node, b: Node) -> Node:
        a, b = self.cast(a, BOOL), self.cast(b, BOOL)
        for x, y in ((a, b), (b, a)):
            if x.constant:
                decides = bool(x.number) == (op == "lor")
                return x if decides else y
        return self._node(op, BOOL, (a, b))

    def complement(self, x: Node) -> Node:
        x = self.cast(x, BOOL)
        if x.constant:
            return self.const(not x.number, BOOL)
        return self._node("lnot", BOOL, (x,))

    def select(self, condition: Node, a: Node, b: Node, kind: Kind | None = None) -> Node:
        """a where the condition holds, else b."""
        condition = self.cast(condition, BOOL)
        if kind is None:
            kind = a.kind if a.kind == b.kind else kinds.common(a.kind, b.kind)
        a, b = self.cast(a, kind), self.cast(b, kind)
        if condition.constant:
            return a if condition.number else b
        if a is b:
            return a
        if kind == BOOL and (a.constant or b.constant):
            return self._choice(condition, a, b)
        found = self._extremum(condition, a, b)
        if found is not None:
            return found
        span = (min(a.low, b.low), max(a.high, b.high))
        return self._node("select", kind, (condition, a, b), span=span, exact=a.exact and b.exact)

    def _choice(self, condition: Node, a: Node, b: Node) -> Node:
        """A truth value that is settled on one side."""
        if a.constant and b.constant:
            return condition if a.number else self.complement(condition)
        if a.constant:
            first = condition if a.number else self.complement(condition)
            return self.logical("lor" if a.number else "land", first, b)
        first = self.complement(condition) if b.number else condition
        return self.logical("lor" if b.number else "land", first, a)

    def extremum(self, op: str, a: Node, b: Node) -> Node:
        """ "min" or "max" of two values of one kind."""
        kind = a.kind if a.kind == b.kind else kinds.common(a.kind, b.kind)
        a, b = self.cast(a, kind), self.cast(b, kind)
        best = min if op == "min" else max
        span = (best(a.low, b.low), best(a.high, b.high))
        if a.constant and b.constant:
            return self.const(best(a.number, b.number), kind)
        return self._node(op, kind, (a, b), span=span, exact=a.exact and b.exact)

    def unary(self, op: str, x: Node) -> Node:
        """ "sqrt", "inv" or "invsqrt" of a float."""
        return self._node(op, F32, (self.cast(x, F32),))

    def unary_integer(self, op: str, x: Node) -> Node:
        """ "nearest": a float's nearest integer, ties to even."""
        if x.constant:
            return self.const(round(x.number), I32)
        return self._node(op, I32, (x,))

    def gather(self, place: Place, index: Node) -> Node:
        """The element so many behind the place."""
        return self._node("gather", place.kind, (index,), attribute=place, invariant=False)

    def carried(self, name: str, kind: Kind) -> Node:
        """What a variable holds from the trip before."""
        return self._node("carried", kind, attribute=name, invariant=False)

    def absolute(self, x: Node) -> Node:
        kind = kinds.promoted(x.kind)
        x = self.cast(x, kind)
        if kind.floating:
            return self._node("abs", kind, (x,), exact=x.exact)
        return self.select(self.compare("lt", x, self.const(0, kind)), self.negate(x), x)

    def _extremum(self, condition: Node, a: Node, b: Node) -> Node | None:
        """`x < y ? x : y` and its relatives, also through value-preserving conversions."""
        if condition.op not in ("lt", "le", "gt", "ge"):
            return None
        x, y = (stripped(n) for n in condition.args)
        left, right = stripped(a), stripped(b)
        less = condition.op in ("lt", "le")
        if (same(x, left) and same(y, right)) or (same(x, right) and same(y, left)):
            first = same(x, left)
            return self.extremum("min" if less == first else "max", a, b)
        return self._clamp(less, x, y, a, b)

    def _clamp(self, less: bool, x: Node, y: Node, a: Node, b: Node) -> Node | None:
        """`x > high ? high : max(x, low)` is min(max(x, low), high); the mirror image alike."""
        bound, rest = stripped(a), stripped(b)
        if not (y.constant and same(y, bound)) or rest.op not in ("min", "max"):
            return None
        if (rest.op == "min") != less:
            return None
        inner, limit = (stripped(n) for n in rest.args)
        if inner.constant:
            inner, limit = limit, inner
        ordered = limit.constant and (
            y.number <= limit.number if less else y.number >= limit.number
        )
        if not ordered or not same(inner, x):
            return None
        return self.extremum("max" if less else "min", a, b)


def stripped(node: Node) -> Node:
    """Without conversions that keep every value."""
    while node.op == "cast":
        inner = node.args[0]
        if node.kind.floating and inner.kind.floating and inner.exact:
            node = inner
        elif not node.kind.floating and not inner.kind.floating and inner.kind != BOOL:
            if not (node.kind.low <= inner.low and inner.high <= node.kind.high):
                break
            node = inner
        else:
            break
    return node


def same(a: Node, b: Node) -> bool:
    """Whether two stripped nodes have the same value."""
    if a.constant and b.constant and a.kind.floating == b.kind.floating:
        return a.number == b.number
    return a is b


def _fold(op: str, a: Node, b: Node, kind: Kind) -> float | None:
    x, y = a.number, b.number
    if kind.floating:
        if op == "div":
            return x / y if y else None
        return {"add": x + y, "sub": x - y, "mul": x * y}[op]
    m, n = int(x), int(y)
    if op in ("div", "rem"):
        if n == 0:
            return None
        quotient = abs(m) // abs(n) * (1 if (m < 0) == (n < 0) else -1)
        return quotient if op == "div" else m - quotient * n
    if op in ("shl", "shr"):
        if not 0 <= n < kind.bits:
            return None
        return m << n if op == "shl" else m >> n
    return {"add": m + n, "sub": m - n, "mul": m * n, "and": m & n, "or": m | n, "xor": m ^ n}[op]


def _span(op: str, a: Node, b: Node) -> tuple[int, int] | None:
    """The range of an integer result, None where it is not known; wrapping is the caller's."""
    if op == "add":
        return a.low + b.low, a.high + b.high
    if op == "sub":
        return a.low - b.high, a.high - b.low
    if op == "mul":
        corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
        return min(corners), max(corners)
    if op == "and":
        return _span_of_and(a, b)
    if op in ("or", "xor") and a.low >= 0 and b.low >= 0:
        return 0, (1 << max(a.high.bit_length(), b.high.bit_length())) - 1
    if op in ("or", "xor"):
        both = kinds.fitting(min(a.low, b.low), max(a.high, b.high))
        return (both.low, both.high) if both.signed else None
    if op == "shl" and b.constant and 0 <= b.number < 32:
        return a.low << int(b.number), a.high << int(b.number)
    if op == "shr" and b.constant and 0 <= b.number < 32:
        return a.low >> int(b.number), a.high >> int(b.number)
    if op == "div" and b.constant and b.number > 0 and a.low >= 0:
        return a.low // int(b.number), a.high // int(b.number)
    if op == "rem" and b.constant and b.number > 0 and a.low >= 0:
        return 0, int(b.number) - 1
    return None


def _span_of_and(a: Node, b: Node) -> tuple[int, int] | None:
    positive = [n.high for n in (a, b) if n.low >= 0]
    if positive:
        return 0, min(positive)
    both = kinds.fitting(min(a.low, b.low), max(a.high, b.high))
    return (both.low, both.high) if both.signed else None


def text_of(node: Node) -> str:
    """C text of an invariant value."""
    if node.constant:
        return literal(node)
    if node.op == "uniform":
        return str(node.attribute)
    parts = [text_of(a) for a in node.args]
    if node.op == "cast":
        return f"({node.kind.name}){parts[0]}"
    if node.op in ("neg", "not", "lnot"):
        return f"({ {'neg': '-', 'not': '~', 'lnot': '!'}[node.op] }{parts[0]})"
    if node.op in SYMBOLS:
        return f"({parts[0]} {SYMBOLS[node.op]} {parts[1]})"
    if node.op == "select":
        return f"({parts[0]} ? {parts[1]} : {parts[2]})"
    if node.op in ("min", "max"):
        sign = "<" if node.op == "min" else ">"
        return f"({parts[0]} {sign} {parts[1]} ? {parts[0]} : {parts[1]})"
    raise Unsupported(f"an invariant {node.op}")


def literal(node: Node) -> str:
    """A constant as C text of its own kind."""
    if not node.kind.floating:
        value = int(node.number)
        if node.kind == U32:
            return f"{value}u"
        return "(-2147483647 - 1)" if value == I32.low else str(value)
    number = node.number
    if not math.isfinite(number):
        raise Unsupported("a constant that is not finite")
    return f"{number!r}f"
