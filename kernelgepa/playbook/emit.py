"""Emits the AIE API calls that compute a loop body's values, a whole vector of trips at a time.

Integers: a value is wanted modulo 2^bits (sums, products, bit operations wrap alike in any width)
or exactly (comparisons, shifts right, minimum), in which case the range of its operands chooses
the width. Floats: a value is a bfloat16 vector, a float vector or a float accumulator, whichever
needs fewest conversions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kernelgepa.playbook import kinds
from kernelgepa.playbook.expressions import Index, Node, Unsupported, literal, stripped, text_of
from kernelgepa.playbook.interpreter import index_text
from kernelgepa.playbook.kinds import BF16, BOOL, F32, I32, INTEGERS, U32, Kind

Form = Literal["b", "f", "a"]  # bfloat16 vector, float vector, float accumulator
_COMPARE = {"lt": "lt", "le": "le", "gt": "gt", "ge": "ge", "eq": "eq", "ne": "neq"}
_BITS = {"and": "bit_and", "or": "bit_or", "xor": "bit_xor"}
ALIGN = 32


@dataclass
class Emitter:
    """Statements of one vector trip. `widest` tells, after a dry run, which lanes fit a register.

    `fast`: products of floats from operands rounded to bfloat16, one multiplication instead of a
    sequence.
    """

    lanes: int
    counter: str
    fast: bool = False
    aligned_low: bool = True  # the counter starts at a multiple of the lanes
    body: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    widest: int = 8
    _known: dict[tuple[object, ...], str] = field(default_factory=dict)
    _constants: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    # --- text
    def _temporary(self, expression: str) -> str:
        name = f"v{self._count}"
        self._count += 1
        self.body.append(f"const auto {name} = {expression};")
        return name

    def _constant(self, expression: str) -> str:
        if expression not in self._constants:
            name = f"c{len(self._constants)}"
            self._constants[expression] = name
            self.before.append(f"const auto {name} = {expression};")
        return self._constants[expression]

    def _vector(self, kind: Kind) -> str:
        self.widest = max(self.widest, kind.bits)
        return f"{kind.name}, {self.lanes}"

    def place(self, array: str, index: Index) -> str:
        """The address of the first lane."""
        return f"{array} + {index_text(index, self.counter if index.stride else '')}"

    def aligned(self, kind: Kind, index: Index) -> bool:
        """Whether every address is known to be a multiple of what the load needs."""
        need = max(1, min(ALIGN * 8, kind.bits * self.lanes) // kind.bits)
        return (
            self.aligned_low
            and index.offset % need == 0
            and all(c % need == 0 for _, c in index.terms)
        )

    # --- integers
    def integer(self, node: Node, kind: Kind) -> str:
        """A vector of `kind` whose lanes equal the node modulo 2^bits."""
        key = (id(node), kind)
        if key not in self._known:
            self._known[key] = self._integer(node, kind)
        return self._known[key]

    def _integer(self, node: Node, kind: Kind) -> str:
        if node.kind == BOOL:
            return self._of_mask(node, kind)
        if node.kind.floating:
            raise Unsupported("a float where an integer is wanted")
        if node.constant:
            value = kind.wrap(int(node.number))
            return self._constant(f"aie::broadcast<{self._vector(kind)}>({value})")
        if node.invariant:
            return self._constant(
                f"aie::broadcast<{self._vector(kind)}>(({kind.name})({text_of(node)}))"
            )
        if node.op == "load":
            return self._load(node, kind)
        if node.op == "cast":
            return self._cast(node, kind)
        if node.op == "bits":
            bits = self._temporary(f"{self._float(node.args[0], 'f')}.cast_to<{node.kind.name}>()")
            return self._converted(bits, node.kind, kind)
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
            return self._temporary(f"aie::{node.op}({left}, {right})")
        if node.op == "mul":
            left, right = (self.integer(x, kind) for x in node.args)
            return self._temporary(f"aie::mul({left}, {right}).to_vector<{kind.name}>(0)")
        if node.op in _BITS:
            left, right = (self.integer(x, kind) for x in node.args)
            return self._temporary(f"aie::{_BITS[node.op]}({left}, {right})")
        if node.op == "not":
            return self._temporary(f"aie::bit_not({self.integer(node.args[0], kind)})")
        if node.op == "neg":
            zero = self._constant(f"aie::zeros<{self._vector(kind)}>()")
            return self._temporary(f"aie::sub({zero}, {self.integer(node.args[0], kind)})")
        if node.op == "shl" and node.args[1].constant:
            by = int(node.args[1].number)
            if by >= kind.bits:
                return self._constant(f"aie::zeros<{self._vector(kind)}>()")
            return self._temporary(f"aie::upshift({self.integer(node.args[0], kind)}, {by})")
        if node.op == "select":
            magnitude = self._magnitude(node, kind)
            if magnitude is not None:
                return magnitude
            condition, a, b = node.args
            mask = self.mask(condition)
            return self._temporary(
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
        made = self._temporary(f"aie::abs({self.integer(x, signed)})")
        return self._converted(made, signed, kind)

    def _exact(self, node: Node, kind: Kind) -> str:
        """Operations that need their operands' values, in the width these need."""
        if node.op in ("min", "max"):
            at = self._fitting(node.args, kind)
            a, b = (self.integer(x, at) for x in node.args)
            return self._converted(self._temporary(f"aie::{node.op}({a}, {b})"), at, kind)
        if node.op == "shr" and node.args[1].constant:
            at = self._fitting(node.args[:1], kind)
            function = "downshift" if at.signed else "logical_downshift"
            a = self.integer(node.args[0], at)
            by = min(int(node.args[1].number), at.bits - 1)
            return self._converted(self._temporary(f"aie::{function}({a}, {by})"), at, kind)
        if node.op in ("div", "rem") and node.args[1].constant and node.args[0].low >= 0:
            divisor = int(node.args[1].number)
            if divisor > 0 and divisor & (divisor - 1) == 0:
                return self._power_of_two(node, divisor, kind)
        if kind.bits > node.kind.bits or node.op in (
            "add", "sub", "mul", "and", "or", "xor", "not", "neg", "shl", "select",
        ):  # fmt: skip
            at = self._fitting((node,), node.kind)
            return self._converted(self.integer(node, at), at, kind)
        raise Unsupported(f"an integer {node.op}")

    def _power_of_two(self, node: Node, divisor: int, kind: Kind) -> str:
        at = self._fitting(node.args[:1], kind)
        a = self.integer(node.args[0], at)
        if node.op == "div":
            shift = divisor.bit_length() - 1
            function = "downshift" if at.signed else "logical_downshift"
            made = self._temporary(f"aie::{function}({a}, {shift})")
        else:
            mask = self._constant(f"aie::broadcast<{self._vector(at)}>({divisor - 1})")
            made = self._temporary(f"aie::bit_and({a}, {mask})")
        return self._converted(made, at, kind)

    def _fitting(self, nodes: tuple[Node, ...], wanted: Kind) -> Kind:
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
        loaded = self._loaded(array, index, node.kind)
        return self._converted(loaded, node.kind, kind)

    def _loaded(self, array: str, index: Index, kind: Kind) -> str:
        key = ("load", array, index)
        if key not in self._known:
            self.widest = max(self.widest, kind.bits)
            function = "load_v" if self.aligned(kind, index) else "load_unaligned_v"
            self._known[key] = self._temporary(
                f"aie::{function}<{self.lanes}>({self.place(array, index)})"
            )
        return self._known[key]

    def _cast(self, node: Node, kind: Kind) -> str:
        inner = node.args[0]
        if inner.kind.floating:
            return self._truncated(node, kind)
        if inner.kind == BOOL or kind.bits <= node.kind.bits:
            return self.integer(inner, kind)
        if node.kind.low <= inner.low and inner.high <= node.kind.high:
            return self.integer(inner, kind)
        return self._converted(self.integer(inner, node.kind), node.kind, kind)

    def _converted(self, text: str, have: Kind, want: Kind) -> str:
        """From one integer kind to another: exact where widening, modulo where narrowing."""
        key = ("converted", text, want)
        if key in self._known:
            return self._known[key]
        now, at = text, have
        while at.bits < want.bits:
            at = next(k for k in INTEGERS if k.bits == at.bits * 2 and k.signed == at.signed)
            self.widest = max(self.widest, at.bits)
            now = self._temporary(f"{now}.unpack()")
        while at.bits > want.bits:
            at = next(k for k in INTEGERS if k.bits == at.bits // 2 and k.signed == at.signed)
            now = self._temporary(f"{now}.pack()")
        if at != want:
            now = self._temporary(f"{now}.cast_to<{want.name}>()")
        self._known[key] = now
        return now

    def _truncated(self, node: Node, kind: Kind) -> str:
        """Float to integer towards zero: to the nearest, then back where that went too far."""
        x = self._float(node.args[0], "f")
        key = ("truncated", x)
        if key not in self._known:
            self.widest = max(self.widest, 32)
            near = self._temporary(f"aie::to_fixed<int32_t>({x}, 0)")
            back = self._temporary(f"aie::to_float({near}, 0)")
            zero = self._constant(f"aie::zeros<{self._vector(F32)}>()")
            one = self._constant(f"aie::broadcast<{self._vector(I32)}>(1)")
            above = self._temporary(f"aie::gt({back}, {x}) & aie::gt({x}, {zero})")
            below = self._temporary(f"aie::lt({back}, {x}) & aie::lt({x}, {zero})")
            less = self._temporary(f"aie::select({near}, aie::sub({near}, {one}), {above})")
            self._known[key] = self._temporary(
                f"aie::select({less}, aie::add({less}, {one}), {below})"
            )
        return self._converted(self._known[key], I32, kind)

    def _of_mask(self, node: Node, kind: Kind) -> str:
        mask = self.mask(node)
        zero = self._constant(f"aie::zeros<{self._vector(kind)}>()")
        one = self._constant(f"aie::broadcast<{self._vector(kind)}>(1)")
        return self._temporary(f"aie::select({zero}, {one}, {mask})")

    # --- truth values
    def mask(self, node: Node) -> str:
        """A mask, one bit a lane."""
        key = ("mask", id(node))
        if key not in self._known:
            self._known[key] = self._mask(node)
        return self._known[key]

    def _mask(self, node: Node) -> str:
        if node.op in ("land", "lor"):
            first, second = (self.mask(x) for x in node.args)
            return self._temporary(f"{first} {'&' if node.op == 'land' else '|'} {second}")
        if node.op == "lnot":
            return self._temporary(f"~{self.mask(node.args[0])}")
        if node.op == "select":
            chosen, yes, no = (self.mask(x) for x in node.args)
            return self._temporary(f"({chosen} & {yes}) | (~{chosen} & {no})")
        if node.op not in _COMPARE or node.invariant:
            raise Unsupported("a condition that is not a comparison of elements")
        a, b = node.args
        if a.kind.floating:
            form: Form = "b" if a.exact and b.exact else "f"
            left, right = self._float(a, form), self._float(b, form)
        else:
            at = self._fitting((a, b), kinds.fitting(min(a.low, b.low), max(a.high, b.high)))
            left, right = self.integer(a, at), self.integer(b, at)
        return self._temporary(f"aie::{_COMPARE[node.op]}({left}, {right})")

    # --- floats
    def floating(self, node: Node, kind: Kind) -> str:
        """A vector of bfloat16 or float with the node's values, rounded where that must be."""
        return self._float(node, "b" if kind == BF16 else "f")

    def accumulated(self, node: Node) -> str:
        """The node's values in a float accumulator."""
        return self._float(node, "a")

    def _float(self, node: Node, want: Form) -> str:
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
            self.widest = max(self.widest, 32)
            if have != "a":
                text = self._temporary(f"aie::accum<accfloat, {self.lanes}>({text})")
            if want != "a":
                name = "bfloat16" if want == "b" else "float"
                text = self._temporary(f"{text}.to_vector<{name}>()")
            self._known[key] = text
        return self._known[key]

    def _made(self, node: Node, want: Form) -> tuple[Form, str]:
        """The value in the form that comes for free, `want` where there is a choice."""
        if not node.kind.floating:
            raise Unsupported("an integer where a float is wanted")
        if node.invariant:
            return self._uniform(node)
        if node.op == "load":
            assert isinstance(node.attribute, tuple)
            array, index = node.attribute
            return ("b" if node.kind == BF16 else "f"), self._loaded(array, index, node.kind)
        if node.op == "cast":
            return self._cast_to_float(node, want)
        if node.op == "bits":
            whole = self.integer(node.args[0], node.args[0].kind)
            return "f", self._temporary(f"{whole}.cast_to<float>()")
        if node.op in ("add", "sub"):
            return "a", self._sum(node)
        if node.op == "mul":
            return "a", self._product(*node.args)
        if node.op == "div":
            over = self._temporary(f"aie::inv({self._float(node.args[1], 'f')})")
            if node.args[0].constant and node.args[0].number == 1:
                return "f", over
            a = self._float(node.args[0], "f")
            return "a", self._temporary(f"aie::mul({a}, {over})")
        return self._kept(node, want)

    def _kept(self, node: Node, want: Form) -> tuple[Form, str]:
        """Operations that commute with rounding: done in bfloat16 where that is wanted."""
        form: Form = "b" if want == "b" or all(a.exact for a in node.args[-2:]) else "f"
        self.widest = max(self.widest, 16 if form == "b" else 32)
        if node.op in ("min", "max"):
            a, b = (self._float(x, form) for x in node.args)
            return form, self._temporary(f"aie::{node.op}({a}, {b})")
        if node.op == "neg":
            return form, self._temporary(f"aie::neg({self._float(node.args[0], form)})")
        if node.op == "abs":
            return form, self._temporary(f"aie::abs({self._float(node.args[0], form)})")
        if node.op == "select":
            mask = self.mask(node.args[0])
            a, b = (self._float(x, form) for x in node.args[1:])
            return form, self._temporary(f"aie::select({b}, {a}, {mask})")
        if node.op in ("inv", "invsqrt"):
            return "f", self._temporary(f"aie::{node.op}({self._float(node.args[0], 'f')})")
        if node.op == "sqrt":
            x = self._float(node.args[0], "f")
            zero = self._constant(f"aie::zeros<{self._vector(F32)}>()")
            root = self._temporary(f"aie::mul({x}, aie::invsqrt({x})).to_vector<float>()")
            return "f", self._temporary(f"aie::select({root}, {zero}, aie::le({x}, {zero}))")
        raise Unsupported(f"a float {node.op}")

    def _uniform(self, node: Node) -> tuple[Form, str]:
        if node.constant and not kinds.is_bfloat16(node.number):
            return "f", self._constant(f"aie::broadcast<{self._vector(F32)}>({literal(node)})")
        if node.exact or node.constant:
            value = literal(node) if node.constant else text_of(node)
            return "b", self._constant(f"aie::broadcast<{self._vector(BF16)}>((bfloat16)({value}))")
        return "f", self._constant(f"aie::broadcast<{self._vector(F32)}>({text_of(node)})")

    def _cast_to_float(self, node: Node, want: Form) -> tuple[Form, str]:
        inner = node.args[0]
        if not inner.kind.floating:
            self.widest = max(self.widest, 32)
            at = self._fitting((inner,), I32)
            if at == U32:
                raise Unsupported("an unsigned 32-bit integer as a float")
            whole = self._converted(self.integer(inner, at), at, I32)
            return "f", self._temporary(f"aie::to_float({whole}, 0)")
        if node.kind == BF16:
            return "b", self._float(inner, "b")
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
        self.widest = max(self.widest, 32)
        a, b = node.args
        for x, y, order in ((a, b, "ab"), (b, a, "ba")):
            if y.op != "mul" or not self._narrow(y.args):
                continue
            if node.op == "sub" and order == "ba":
                continue
            left, right = (self._float(n, "b") for n in y.args)
            function = "mac" if node.op == "add" else "msc"
            return self._temporary(f"aie::{function}({self._float(x, 'a')}, {left}, {right})")
        return self._temporary(f"aie::{node.op}({self._float(a, 'a')}, {self._float(b, 'a')})")

    def _narrow(self, nodes: tuple[Node, ...]) -> bool:
        return self.fast or all(n.exact for n in nodes)

    def _product(self, a: Node, b: Node) -> str:
        self.widest = max(self.widest, 32)
        form: Form = "b" if self._narrow((a, b)) else "f"
        left, right = self._float(a, form), self._float(b, form)
        return self._temporary(f"aie::mul({left}, {right})")
