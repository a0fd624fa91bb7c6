"""Places in memory as affine functions of a loop's trip number."""

from __future__ import annotations

from dataclasses import dataclass

from kernelgepa.playbook.expressions import Node, Unsupported, text_of
from kernelgepa.playbook.kinds import I32


@dataclass(frozen=True)
class Index:
    """stride * trip + sum of `terms` (C text, coefficient) + offset, in elements."""

    stride: int
    offset: int
    terms: tuple[tuple[str, int], ...] = ()

    def plus(self, other: Index, sign: int = 1) -> Index:
        """The sum, or the difference where the sign is -1."""
        terms = dict(self.terms)
        for text, coefficient in other.terms:
            terms[text] = terms.get(text, 0) + sign * coefficient
        kept = tuple(sorted((t, c) for t, c in terms.items() if c))
        return Index(self.stride + sign * other.stride, self.offset + sign * other.offset, kept)

    def times(self, factor: int) -> Index:
        terms = tuple((t, c * factor) for t, c in self.terms if factor)
        return Index(self.stride * factor, self.offset * factor, terms)

    def over(self, divisor: int) -> Index | None:
        """The quotient where it leaves no remainder whatever the trip, else None."""
        parts = [self.stride, self.offset, *(c for _, c in self.terms)]
        if divisor <= 0 or any(p % divisor for p in parts):
            return None
        terms = tuple((t, c // divisor) for t, c in self.terms)
        return Index(self.stride // divisor, self.offset // divisor, terms)

    @property
    def uniform(self) -> bool:
        """Whether it is a plain number."""
        return not self.stride and not self.terms


HERE = Index(0, 0)


def linear(node: Node) -> Index:
    """A node as an index; raises Unsupported where it is not affine in the loop's trips."""
    if node.kind.floating:
        raise Unsupported("an index that is not an integer")
    if node.op == "counter":
        return Index(1, 0)
    if node.constant:
        return Index(0, I32.wrap(int(node.number)))
    if node.op == "carried":
        return Index(0, 0, ((f"@{node.attribute}", 1),))
    found = _composed(node)
    if found is not None:
        return found
    if node.invariant:
        return Index(0, 0, ((text_of(node), 1),))
    raise Unsupported("an index that is not affine in the loop's counter")


def _composed(node: Node) -> Index | None:
    """The index of an operation on indices, None where there is no rule for it."""
    if node.op == "cast":
        inner = node.args[0]
        if inner.kind.floating:
            return None
        fits = node.kind.low <= inner.low and inner.high <= node.kind.high
        return linear(inner) if node.kind.bits == 32 or fits else None
    if node.op == "neg":
        return linear(node.args[0]).times(-1)
    if node.op in ("add", "sub"):
        return linear(node.args[0]).plus(linear(node.args[1]), 1 if node.op == "add" else -1)
    if node.op == "mul":
        a, b = (linear(x) for x in node.args)
        if b.uniform:
            return a.times(b.offset)
        return b.times(a.offset) if a.uniform else None
    if node.op in ("shl", "div", "shr") and node.args[1].constant:
        by = int(node.args[1].number)
        if node.op == "shl":
            return linear(node.args[0]).times(1 << by)
        return _quotient(node.args[0], by if node.op == "div" else 1 << by)
    return None


def _quotient(node: Node, divisor: int) -> Index | None:
    whole = linear(node)
    if divisor > 0 and node.low >= 0:  # what is left over never reaches the next quotient
        whole = Index(whole.stride, whole.offset - whole.offset % divisor, whole.terms)
    return whole.over(divisor)


def index_text(index: Index, counter: str) -> str:
    """An index as C text; `counter` stands for the trip number."""
    parts = []
    if index.stride:
        parts.append(counter if index.stride == 1 else f"{index.stride} * {counter}")
    parts += [t if c == 1 else f"{c} * ({t})" for t, c in index.terms]
    if index.offset or not parts:
        parts.append(str(index.offset))
    return " + ".join(parts).replace("+ -", "- ")
