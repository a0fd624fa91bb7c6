"""Vectors of integers: wanted modulo 2^bits, or exactly, as the operation on them needs.

Sums, products and bit operations wrap alike in any width; comparisons, shifts right, minimum and
quotients need their operands' values, whose ranges choose the width.
"""

from __future__ import annotations

from kernelgepa.playbook.core import Form
from kernelgepa.playbook.division import Division
from kernelgepa.playbook.expressions import Node, Unsupported, stripped, text_of
from kernelgepa.playbook.kinds import BF16, BOOL, F32, I8, I32, INTEGERS, Kind

_BITS = {"and": "bit_and", "or": "bit_or", "xor": "bit_xor"}


class Integers(Division):
    """Emits what is wanted as integers."""

    def integer(self, node: Node, kind: Kind) -> str:
        """A vector of `kind` whose lanes equal the node modulo 2^bits."""
        key = (id(node), kind)
        if key not in self._known:
            self._known[key] = self._integer(node, kind)
        return self._known[key]

    def _integer(self, node: Node, kind: Kind) -> str:
        if id(node) in self.given:
            vector, have = self.given[id(node)]
            return self.converted(vector, have, kind)
        if node.kind == BOOL:
            return self._of_mask(node, kind)
        if node.kind.floating:
            raise Unsupported("a float where an integer is wanted")
        if node.constant:
            value = kind.wrap(int(node.number))
            return self.constant(f"aie::broadcast<{self.vector(kind)}>({value})")
        if node.invariant:
            return self.constant(
                f"aie::broadcast<{self.vector(kind)}>(({kind.name})({text_of(node)}))"
            )
        if node.op == "load":
            return self._load(node, kind)
        if node.op == "cast":
            return self._cast(node, kind)
        if node.op == "counter":
            return self.counted(kind)
        if node.op == "gather":
            return self.converted(self.gathered(node), node.kind, kind)
        if node.op == "nearest":
            self.touched(I32)
            near = self.temporary(f"aie::to_fixed<int32_t>({self.real(node.args[0], 'f')}, 0)")
            return self.converted(near, I32, kind)
        if node.op == "bits":
            form: Form = "f" if node.kind.bits == 32 else "b"
            bits = self.temporary(f"{self.real(node.args[0], form)}.cast_to<{node.kind.name}>()")
            return self.converted(bits, node.kind, kind)
        wrapping = self._wrapping(node, kind)
        if wrapping is not None:
            return wrapping
        return self._exact(node, kind)

    def _wrapping(self, node: Node, kind: Kind) -> str | None:
        """Operations that commute with reduction modulo 2^bits."""
        if kind.bits > node.kind.bits:
            return None
        if node.op in ("add", "sub"):
            left, right = (self.integer(x, kind) for x in node.args)
            return self.temporary(f"aie::{node.op}({left}, {right})")
        if node.op == "mul":
            return self._whole_product(node, kind)
        if node.op in _BITS:
            left, right = (self.integer(x, kind) for x in node.args)
            return self.temporary(f"aie::{_BITS[node.op]}({left}, {right})")
        if node.op == "not":
            return self.temporary(f"aie::bit_not({self.integer(node.args[0], kind)})")
        if node.op == "neg":
            zero = self.constant(f"aie::zeros<{self.vector(kind)}>()")
            return self.temporary(f"aie::sub({zero}, {self.integer(node.args[0], kind)})")
        if node.op == "shl" and node.args[1].invariant:
            by = text_of(node.args[1])
            if node.args[1].constant and node.args[1].number >= kind.bits:
                return self.constant(f"aie::zeros<{self.vector(kind)}>()")
            if not node.args[1].constant and kind.bits < 32:
                return None  # a shift by more than the width gives 0 only in the wider type
            return self.temporary(f"aie::upshift({self.integer(node.args[0], kind)}, {by})")
        if node.op == "select":
            magnitude = self._magnitude(node, kind)
            if magnitude is not None:
                return magnitude
            condition, a, b = node.args
            mask = self.mask(condition)
            return self.temporary(
                f"aie::select({self.integer(b, kind)}, {self.integer(a, kind)}, {mask})"
            )
        return None

    def _magnitude(self, node: Node, kind: Kind) -> str | None:
        """`x < 0 ? -x : x` as one operation, where x fits a signed type of this width."""
        condition, a, b = node.args
        if condition.op not in ("lt", "le") or not condition.args[1].constant:
            return None
        x = stripped(condition.args[0])
        if condition.args[1].number != 0 or a.op != "neg":
            return None
        if stripped(b) is not x or stripped(a.args[0]) is not x:
            return None
        signed = next(k for k in INTEGERS if k.bits == kind.bits and k.signed)
        if not (signed.low <= x.low and x.high <= signed.high):
            return None
        made = self.temporary(f"aie::abs({self.integer(x, signed)})")
        return self.converted(made, signed, kind)

    def _exact(self, node: Node, kind: Kind) -> str:
        """Operations that need their operands' values, in the width these need."""
        if node.op in ("min", "max"):
            at = self.fitting(node.args, kind)
            a, b = (self.integer(x, at) for x in node.args)
            return self.converted(self.temporary(f"aie::{node.op}({a}, {b})"), at, kind)
        if node.op == "shr" and node.args[1].invariant:
            return self._shifted(node, kind)
        if node.op in ("shl", "shr"):
            return self._shifted_apart(node, kind)
        if node.op in ("div", "rem"):
            return self.divided(node, kind)
        if kind.bits > node.kind.bits or node.op in (
            "add", "sub", "mul", "and", "or", "xor", "not", "neg", "shl", "select",
        ):  # fmt: skip
            at = self.fitting((node,), node.kind)
            return self.converted(self.integer(node, at), at, kind)
        raise Unsupported(f"an integer {node.op}")

    def _whole_product(self, node: Node, kind: Kind) -> str:
        """In the narrowest operands that hold the factors: fewest instructions."""
        at = tuple(self.fitting((x,), I8) for x in node.args)
        bits = max(k.bits for k in at)
        if bits < kind.bits:
            sides = [
                self.integer(
                    x, next(i for i in INTEGERS if i.bits == bits and i.signed == k.signed)
                )
                for x, k in zip(node.args, at, strict=True)
            ]
        else:
            sides = [self.integer(x, kind) for x in node.args]
        self.touched(I32 if kind.bits < 32 and bits < 32 else kind)
        return self.temporary(f"aie::mul({sides[0]}, {sides[1]}).to_vector<{kind.name}>(0)")

    def _shifted_apart(self, node: Node, kind: Kind) -> str:
        """Every lane by its own count: by 1, 2, 4 and so on where the count has that bit."""
        at = node.kind
        names = {"shl": "upshift", "shr": "downshift" if at.signed else "logical_downshift"}
        count = node.args[1]
        fits = self.fitting((count,), at)
        if fits.bits != at.bits:
            raise Unsupported("a shift by a count of another width")
        now, by = self.integer(node.args[0], at), self.integer(count, fits)
        zero = self.constant(f"aie::zeros<{self.vector(fits)}>()")
        for bit in range(min(count.high, at.bits - 1).bit_length() if count.high > 0 else 5):
            one = self.constant(f"aie::broadcast<{self.vector(fits)}>({1 << bit})")
            has = self.temporary(f"aie::neq(aie::bit_and({by}, {one}), {zero})")
            moved = self.temporary(f"aie::{names[node.op]}({now}, {1 << bit})")
            now = self.temporary(f"aie::select({now}, {moved}, {has})")
        return self.converted(now, at, kind)

    def _shifted(self, node: Node, kind: Kind) -> str:
        by = node.args[1]
        at = self.fitting(node.args[:1], kind)
        if not by.constant:
            at = node.args[0].kind
        function = "downshift" if at.signed else "logical_downshift"
        count = str(min(int(by.number), at.bits - 1)) if by.constant else text_of(by)
        if by.constant and by.number >= at.bits and not at.signed:
            return self.constant(f"aie::zeros<{self.vector(kind)}>()")
        made = self.temporary(f"aie::{function}({self.integer(node.args[0], at)}, {count})")
        return self.converted(made, at, kind)

    def fitting(self, nodes: tuple[Node, ...], wanted: Kind) -> Kind:
        """A kind that holds all values of the nodes: of the wanted width, if any of that does."""
        low, high = min(n.low for n in nodes), max(n.high for n in nodes)
        fits = [k for k in INTEGERS if k.low <= low and high <= k.high]
        if not fits:
            raise Unsupported("integers of mixed signs that need more than 32 bits")
        same = [k for k in fits if k.bits == wanted.bits]
        return wanted if wanted in same else (same or fits)[0]

    def _load(self, node: Node, kind: Kind) -> str:
        assert isinstance(node.attribute, tuple)
        array, index = node.attribute
        return self.converted(self.loaded(array, index, node.kind), node.kind, kind)

    def _cast(self, node: Node, kind: Kind) -> str:
        inner = node.args[0]
        if inner.kind.floating:
            return self._truncated(node, kind)
        if inner.kind == BOOL or kind.bits <= node.kind.bits:
            return self.integer(inner, kind)
        if node.kind.low <= inner.low and inner.high <= node.kind.high:
            return self.integer(inner, kind)
        return self.converted(self.integer(inner, node.kind), node.kind, kind)

    def converted(self, text: str, have: Kind, want: Kind) -> str:
        """From one integer kind to another: exact where widening, modulo where narrowing."""
        key = ("converted", text, want)
        if key in self._known:
            return self._known[key]
        now, at = text, have
        while at.bits < want.bits:
            at = next(k for k in INTEGERS if k.bits == at.bits * 2 and k.signed == at.signed)
            self.touched(at)
            now = self.temporary(f"{now}.unpack()")
        while at.bits > want.bits:
            at = next(k for k in INTEGERS if k.bits == at.bits // 2 and k.signed == at.signed)
            self.touched(at)
            now = self.temporary(f"{now}.pack()")
        if at != want:
            now = self.temporary(f"{now}.cast_to<{want.name}>()")
        self._known[key] = now
        return now

    def _truncated(self, node: Node, kind: Kind) -> str:
        """Float to integer towards zero: to the nearest, then back where that went too far."""
        if node.args[0].exact:
            return self._truncated_narrow(node, kind)
        x = self.real(node.args[0], "f")
        key = ("truncated", x)
        if key not in self._known:
            self.touched(I32)
            near = self.temporary(f"aie::to_fixed<int32_t>({x}, 0)")
            back = self.temporary(f"aie::to_float({near}, 0)")
            zero = self.constant(f"aie::zeros<{self.vector(F32)}>()")
            one = self.constant(f"aie::broadcast<{self.vector(I32)}>(1)")
            above = self.temporary(f"aie::gt({back}, {x}) & aie::gt({x}, {zero})")
            below = self.temporary(f"aie::lt({back}, {x}) & aie::lt({x}, {zero})")
            less = self.temporary(f"aie::select({near}, aie::sub({near}, {one}), {above})")
            self._known[key] = self.temporary(
                f"aie::select({less}, aie::add({less}, {one}), {below})"
            )
        return self.converted(self._known[key], I32, kind)

    def _truncated_narrow(self, node: Node, kind: Kind) -> str:
        """The core rounds a bfloat16 down by itself: that of the absolute value, then the sign."""
        x = self.real(node.args[0], "b")
        key = ("truncated", x)
        if key not in self._known:
            self.touched(I32)
            zero = self.constant(f"aie::zeros<{self.vector(BF16)}>()")
            none = self.constant(f"aie::zeros<{self.vector(I32)}>()")
            size = self.temporary(f"aie::to_fixed<int32_t>(aie::abs({x}), 0)")
            below = self.temporary(f"aie::lt({x}, {zero})")
            self._known[key] = self.temporary(
                f"aie::select({size}, aie::sub({none}, {size}), {below})"
            )
        return self.converted(self._known[key], I32, kind)

    def _of_mask(self, node: Node, kind: Kind) -> str:
        mask = self.mask(node)
        zero = self.constant(f"aie::zeros<{self.vector(kind)}>()")
        one = self.constant(f"aie::broadcast<{self.vector(kind)}>(1)")
        return self.temporary(f"aie::select({zero}, {one}, {mask})")
