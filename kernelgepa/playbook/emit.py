"""Emits the AIE API calls that compute a loop body's values, a whole vector of trips at a time."""

from __future__ import annotations

from kernelgepa.playbook import kinds
from kernelgepa.playbook.core import Constants, Form
from kernelgepa.playbook.expressions import Node, Unsupported
from kernelgepa.playbook.floats import Floats
from kernelgepa.playbook.integers import Integers

_COMPARE = {"lt": "lt", "le": "le", "gt": "gt", "ge": "ge", "eq": "eq", "ne": "neq"}


class Emitter(Integers, Floats):
    """All of it: integers, floats, truth values."""

    def mask(self, node: Node) -> str:
        """A mask, one bit a lane."""
        key = ("mask", id(node))
        if key not in self._known:
            self._known[key] = self._mask(node)
        return self._known[key]

    def _mask(self, node: Node) -> str:
        if node.op in ("land", "lor"):
            first, second = (self.mask(x) for x in node.args)
            return self.temporary(f"{first} {'&' if node.op == 'land' else '|'} {second}")
        if node.op == "lnot":
            return self.temporary(f"~{self.mask(node.args[0])}")
        if node.op == "select":
            chosen, yes, no = (self.mask(x) for x in node.args)
            return self.temporary(f"({chosen} & {yes}) | (~{chosen} & {no})")
        if node.op not in _COMPARE:
            raise Unsupported("a condition that is not a comparison of elements")
        a, b = node.args
        if a.kind.floating:
            form: Form = "b" if a.exact and b.exact else "f"
            left, right = self.real(a, form), self.real(b, form)
        else:
            at = self.fitting((a, b), kinds.fitting(min(a.low, b.low), max(a.high, b.high)))
            left, right = self.integer(a, at), self.integer(b, at)
        return self.temporary(f"aie::{_COMPARE[node.op]}({left}, {right})")


__all__ = ["Constants", "Emitter"]
