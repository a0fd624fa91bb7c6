"""Quotients and remainders of integers, which the core has no instruction for."""

from __future__ import annotations

from kernelgepa.playbook.core import Core
from kernelgepa.playbook.expressions import Node, Unsupported
from kernelgepa.playbook.kinds import I16, I32, Kind

EXACT = 1 << 24  # up to here every integer is a float


class Division(Core):
    """By powers of two: shifts; else by a reciprocal and a correction."""

    def divided(self, node: Node, kind: Kind) -> str:
        """A quotient or remainder, rounded towards zero as in C. Raises Unsupported."""
        over = node.args[1]
        divisor = int(over.number) if over.constant else 0
        if divisor == 0 and over.constant:
            raise Unsupported("a division by zero")
        if divisor > 0 and divisor & (divisor - 1) == 0:
            return self._power_of_two(node, divisor, kind)
        if divisor and -I16.high <= node.args[0].low and node.args[0].high <= I16.high:
            found = self._multiplied(node, divisor)
            if found is not None:
                return self.converted(found, I32, kind)
        if max(-node.args[0].low, node.args[0].high) < EXACT and max(-over.low, over.high) < EXACT:
            return self.converted(self._through_floats(node), I32, kind)
        raise Unsupported("a division of large integers")

    def _power_of_two(self, node: Node, divisor: int, kind: Kind) -> str:
        at = self.fitting(node.args[:1], kind)
        shift = divisor.bit_length() - 1
        a = self.integer(node.args[0], at)
        down = "downshift" if at.signed else "logical_downshift"
        if node.args[0].low < 0:  # C rounds towards zero
            zero = self.constant(f"aie::zeros<{self.vector(at)}>()")
            if divisor > at.high:
                raise Unsupported("a division by more than its operand can be")
            more = self.constant(f"aie::broadcast<{self.vector(at)}>({divisor - 1})")
            negative = self.temporary(f"aie::lt({a}, {zero})")
            added = self.temporary(f"aie::select({zero}, {more}, {negative})")
            # a negative number plus less than the divisor never overflows
            quotient = self.temporary(f"aie::downshift(aie::add({a}, {added}), {shift})")
        elif node.op == "rem":
            if divisor - 1 > at.high:
                return self.converted(a, at, kind)
            mask = self.constant(f"aie::broadcast<{self.vector(at)}>({divisor - 1})")
            return self.converted(self.temporary(f"aie::bit_and({a}, {mask})"), at, kind)
        else:
            quotient = self.temporary(f"aie::{down}({a}, {shift})")
        if node.op == "rem":
            back = self.temporary(f"aie::upshift({quotient}, {shift})")
            return self.converted(self.temporary(f"aie::sub({a}, {back})"), at, kind)
        return self.converted(quotient, at, kind)

    def _multiplied(self, node: Node, divisor: int) -> str | None:
        """x * m >> s, where that is the quotient for every x of the range; checked here."""
        size = abs(divisor)
        reach = max(-node.args[0].low, node.args[0].high)
        for shift in range(size.bit_length(), 31):
            factor = -(-(1 << shift) // size)
            if factor > I16.high or factor * reach >= 1 << 31:
                return None
            if all(x * factor >> shift == x // size for x in range(reach + 1)):
                return self._by_factor(node, divisor, factor, shift)
        return None

    def _by_factor(self, node: Node, divisor: int, factor: int, shift: int) -> str:
        self.touched(I32)
        x = self.integer(node.args[0], I16)
        m = self.constant(f"aie::broadcast<{self.vector(I16)}>({factor})")
        negative = node.args[0].low < 0
        size = self.temporary(f"aie::abs({x})") if negative else x
        product = self.temporary(f"aie::mul({size}, {m}).to_vector<int32_t>(0)")
        quotient = self.temporary(f"aie::downshift({product}, {shift})")
        if negative or divisor < 0:
            zero = self.constant(f"aie::zeros<{self.vector(I32)}>()")
            turned = self.temporary(f"aie::sub({zero}, {quotient})")
            none = self.constant(f"aie::zeros<{self.vector(I16)}>()")
            below = self.temporary(f"aie::lt({x}, {none})")
            pair = (turned, quotient) if divisor < 0 else (quotient, turned)
            quotient = self.temporary(f"aie::select({pair[0]}, {pair[1]}, {below})")
        if node.op == "div":
            return quotient
        wide = self.integer(node.args[0], I32)
        d = self.constant(f"aie::broadcast<{self.vector(I16)}>({divisor})")
        narrow = self.converted(quotient, I32, I16)
        back = self.temporary(f"aie::mul({narrow}, {d}).to_vector<int32_t>(0)")
        return self.temporary(f"aie::sub({wide}, {back})")

    def _through_floats(self, node: Node) -> str:
        """The reciprocal's quotient is off by one at most; the remainder tells which way."""
        self.touched(I32)
        a, b = (self.integer(x, I32) for x in node.args)
        x, y = (self.temporary(f"aie::to_float(aie::abs({i}), 0)") for i in (a, b))
        size, over = (self.temporary(f"aie::abs({i})") for i in (a, b))
        near = self.temporary(f"aie::mul({x}, aie::inv({y})).to_vector<float>()")
        guess = self.temporary(f"aie::to_fixed<int32_t>({near}, 0)")
        rest = self.temporary(f"aie::sub({size}, aie::mul({guess}, {over}).to_vector<int32_t>(0))")
        zero = self.constant(f"aie::zeros<{self.vector(I32)}>()")
        one = self.constant(f"aie::broadcast<{self.vector(I32)}>(1)")
        less = self.temporary(f"aie::lt({rest}, {zero})")
        more = self.temporary(f"aie::ge({rest}, {over})")
        down = self.temporary(f"aie::select({guess}, aie::sub({guess}, {one}), {less})")
        quotient = self.temporary(f"aie::select({down}, aie::add({guess}, {one}), {more})")
        opposite = self.temporary(f"aie::lt(aie::bit_xor({a}, {b}), {zero})")
        signed = self.temporary(
            f"aie::select({quotient}, aie::sub({zero}, {quotient}), {opposite})"
        )
        if node.op == "div":
            return signed
        return self.temporary(f"aie::sub({a}, aie::mul({signed}, {b}).to_vector<int32_t>(0))")
