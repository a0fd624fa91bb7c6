"""Vectors of floats: bfloat16, float or an accumulator, whichever needs fewest conversions."""

from __future__ import annotations

from kernelgepa.playbook import kinds
from kernelgepa.playbook.core import Core, Form
from kernelgepa.playbook.expressions import Node, Unsupported, literal, text_of
from kernelgepa.playbook.kinds import BF16, F32, I32, U32, Kind


class Floats(Core):
    """Emits what is wanted as floats."""

    def floating(self, node: Node, kind: Kind) -> str:
        """A vector of bfloat16 or float with the node's values, rounded where that must be."""
        return self.real(node, "b" if kind == BF16 else "f")

    def accumulated(self, node: Node) -> str:
        """The node's values in a float accumulator."""
        return self.real(node, "a")

    def real(self, node: Node, want: Form) -> str:
        key = (id(node), want)
        if key not in self._known:
            form, text = self._made(node, want)
            self._known[key] = self._formed(text, form, want)
        return self._known[key]

    def _formed(self, text: str, have: Form, want: Form) -> str:
        if have == want:
            return text
        key = ("formed", text, want)
        if key not in self._known:
            self.touched(F32)
            if have != "a":
                text = self.temporary(f"aie::accum<accfloat, {self.lanes}>({text})")
            if want != "a":
                name = "bfloat16" if want == "b" else "float"
                text = self.temporary(f"{text}.to_vector<{name}>()")
            self._known[key] = text
        return self._known[key]

    def _made(self, node: Node, want: Form) -> tuple[Form, str]:
        """The value in the form that comes for free, `want` where there is a choice."""
        if id(node) in self.given:
            vector, have = self.given[id(node)]
            return ("b" if have == BF16 else "f"), vector
        if not node.kind.floating:
            raise Unsupported("an integer where a float is wanted")
        if node.invariant and node.op in ("const", "uniform"):
            return self._uniform(node)
        if node.op == "gather":
            return ("b" if node.kind == BF16 else "f"), self.gathered(node)
        if node.op == "load":
            assert isinstance(node.attribute, tuple)
            array, index = node.attribute
            return ("b" if node.kind == BF16 else "f"), self.loaded(array, index, node.kind)
        if node.op == "cast":
            return self._cast_to_float(node, want)
        if node.op == "bits":
            whole = self.integer(node.args[0], node.args[0].kind)
            name = self.temporary(f"{whole}.cast_to<{node.kind.name}>()")
            return ("f" if node.kind.bits == 32 else "b"), name
        if node.op in ("add", "sub"):
            return "a", self._sum(node)
        if node.op == "mul":
            return "a", self._product(*node.args)
        if node.op == "div":
            over = self.temporary(f"aie::inv({self.real(node.args[1], 'f')})")
            if node.args[0].constant and node.args[0].number == 1:
                return "f", over
            a = self.real(node.args[0], "f")
            return "a", self.temporary(f"aie::mul({a}, {over})")
        return self._kept(node, want)

    def _kept(self, node: Node, want: Form) -> tuple[Form, str]:
        """Operations that commute with rounding: done in bfloat16 where that is wanted."""
        form: Form = "b" if want == "b" or all(a.exact for a in node.args[-2:]) else "f"
        self.touched(BF16 if form == "b" else F32)
        if node.op in ("min", "max"):
            a, b = (self.real(x, form) for x in node.args)
            return form, self.temporary(f"aie::{node.op}({a}, {b})")
        if node.op == "neg":
            return form, self.temporary(f"aie::neg({self.real(node.args[0], form)})")
        if node.op == "abs":
            return form, self.temporary(f"aie::abs({self.real(node.args[0], form)})")
        if node.op == "select":
            mask = self.mask(node.args[0])
            a, b = (self.real(x, form) for x in node.args[1:])
            return form, self.temporary(f"aie::select({b}, {a}, {mask})")
        if node.op in ("inv", "invsqrt"):
            return "f", self.temporary(f"aie::{node.op}({self.real(node.args[0], 'f')})")
        if node.op == "sqrt":
            x = self.real(node.args[0], "f")
            zero = self.constant(f"aie::zeros<{self.vector(F32)}>()")
            root = self.temporary(f"aie::mul({x}, aie::invsqrt({x})).to_vector<float>()")
            return "f", self.temporary(f"aie::select({root}, {zero}, aie::le({x}, {zero}))")
        raise Unsupported(f"a float {node.op}")

    def _uniform(self, node: Node) -> tuple[Form, str]:
        if node.constant and not kinds.is_bfloat16(node.number):
            return "f", self.constant(f"aie::broadcast<{self.vector(F32)}>({literal(node)})")
        if node.exact or node.constant:
            value = literal(node) if node.constant else text_of(node)
            return "b", self.constant(f"aie::broadcast<{self.vector(BF16)}>((bfloat16)({value}))")
        return "f", self.constant(f"aie::broadcast<{self.vector(F32)}>({text_of(node)})")

    def _cast_to_float(self, node: Node, want: Form) -> tuple[Form, str]:
        inner = node.args[0]
        if not inner.kind.floating:
            self.touched(F32)
            at = self.fitting((inner,), I32)
            if at == U32:
                raise Unsupported("an unsigned 32-bit integer as a float")
            whole = self.converted(self.integer(inner, at), at, I32)
            return "f", self.temporary(f"aie::to_float({whole}, 0)")
        if node.kind == BF16:
            return "b", self.real(inner, "b")
        return self._made_once(inner, want)

    def _made_once(self, node: Node, want: Form) -> tuple[Form, str]:
        """A node that is already there in some form, else made."""
        order: tuple[Form, ...] = (want, "b", "a", "f") if node.exact else (want, "a", "f")
        for form in order:
            if (id(node), form) in self._known:
                return form, self._known[(id(node), form)]
        form, text = self._made(node, want)
        self._known[(id(node), form)] = text
        return form, text

    def _sum(self, node: Node) -> str:
        """a + b or a - b in an accumulator, as multiply-accumulate where one is a product."""
        self.touched(F32)
        a, b = node.args
        for x, y, order in ((a, b, "ab"), (b, a, "ba")):
            if y.op != "mul" or not self._narrow(y.args):
                continue
            if node.op == "sub" and order == "ba":
                continue
            left, right = (self.real(n, "b") for n in y.args)
            function = "mac" if node.op == "add" else "msc"
            return self.temporary(f"aie::{function}({self.real(x, 'a')}, {left}, {right})")
        if _loaded_narrow(a) and _loaded_narrow(b):
            # only one port loads accumulators, the other the second operand
            ones = self.constant(f"aie::broadcast<{self.vector(BF16)}>((bfloat16)1.0f)")
            function = "mac" if node.op == "add" else "msc"
            first = self.real(a, "a")
            return self.temporary(f"aie::{function}({first}, {self.real(b, 'b')}, {ones})")
        return self.temporary(f"aie::{node.op}({self.real(a, 'a')}, {self.real(b, 'a')})")

    def narrow_product(self, node: Node) -> tuple[str, str] | None:
        """The factors of a product, where both may be taken as bfloat16."""
        if node.op != "mul" or not self._narrow(node.args):
            return None
        left, right = (self.real(n, "b") for n in node.args)
        return left, right

    def _narrow(self, nodes: tuple[Node, ...]) -> bool:
        return self.fast or all(n.exact for n in nodes)

    def _product(self, a: Node, b: Node) -> str:
        self.touched(F32)
        form: Form = "b" if self._narrow((a, b)) else "f"
        left, right = self.real(a, form), self.real(b, form)
        return self.temporary(f"aie::mul({left}, {right})")


def _loaded_narrow(node: Node) -> bool:
    """Whether this is a bfloat16 in memory, wherever it has been made a float."""
    while node.op == "cast" and node.kind.floating:
        node = node.args[0]
    return node.op == "load" and node.kind == BF16
