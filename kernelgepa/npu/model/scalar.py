"""Prices of plain IR instructions and compiler intrinsics: machine operations or a library call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kernelgepa.npu.ir import Instruction

_FUNCTIONS = """
    exp exp2 exp10 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh
    acosh atanh pow fmod remainder remquo hypot cbrt erf erfc tgamma lgamma ldexp scalbn scalbln
    frexp modf sincos logb ilogb fma fdim fmax fmin nextafter floor ceil trunc rint nearbyint
    round roundeven lround lrint llround llrint fabs copysign fminimum_num fmaximum_num
"""
_BLOCKS = ("memcpy", "memmove", "memset", "memcmp", "bcmp")
_LIBM = frozenset(_FUNCTIONS.split())
_MATHS = """
    exp exp2 exp10 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh
    asinh acosh atanh pow fmod remainder hypot cbrt erf erfc tgamma lgamma ldexp scalbn frexp
"""
_FLOAT_CALLS: Mapping[str, str] = {
    "fmul": "float_multiply",
    "fdiv": "float_divide",
    "frem": "maths",
    "fcmp": "float_compare",
    "sitofp": "float_from_int",
    "uitofp": "float_from_int",
    "fptosi": "float_to_int",
    "fptoui": "float_to_int",
}
_FLOAT_ADD = ("float_move", "float_lane", "float_take")
_NOTHING = (
    "lifetime", "assume", "experimental", "dbg", "invariant", "donothing", "sideeffect", "expect",
    "trap", "ubsantrap",
)  # fmt: skip
_ROUNDINGS = """
    floor ceil trunc rint nearbyint round roundeven lround lrint llround llrint fptosi fptoui
"""
_INTRINSIC_CALLS: Mapping[str, str] = {
    **dict.fromkeys(_MATHS.split(), "maths"),
    "sqrt": "root",
    **dict.fromkeys(
        ("maxnum", "minnum", "maximum", "minimum", "maximumnum", "minimumnum", "is"),
        "float_compare",
    ),
    **dict.fromkeys(_ROUNDINGS.split(), "float_to_int"),
    "fma": "float_multiply",
    "fmuladd": "float_multiply",
    "smul": "int64",  # with.overflow: the whole product
    "umul": "int64",
}
# Words of 32 bits an operation on wider integers takes, per word and once.
_SCALARS: Mapping[str, int] = {
    "abs": 1, "fabs": 1, "ctlz": 1, "canonicalize": 1, "copysign": 2, "smax": 2, "smin": 2,
    "umax": 2, "umin": 2, "scmp": 3, "ucmp": 3, "fshl": 3, "fshr": 3, "sadd": 4, "uadd": 3,
    "ssub": 4, "usub": 3, "sshl": 5, "ushl": 4, "cttz": 4, "bswap": 7, "ctpop": 12,
    "bitreverse": 16,
}  # fmt: skip
_INTEGER = re.compile(r"\bi(\d+)\b")
_SHIFTS = ("shl", "lshr", "ashr")
_BY_CONSTANT = re.compile(r", (\d+)$")
_DIVISIONS = ("sdiv", "udiv", "srem", "urem")
# One cycle of the scalar unit per word of 32 bits, side by side.
_CYCLES = "and or xor select zext sext trunc fneg extractvalue insertvalue icmp add sub"
_PLAIN = frozenset(_CYCLES.split())


class NotModelled(Exception):
    """The IR holds something that has no price. `what` names it; `line` in the source."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


@dataclass(frozen=True)
class Price:
    """Either machine operations, one after another, or library calls."""

    ops: tuple[str, ...] = ()
    library: str = ""
    parallel: bool = False  # the operations do not wait for one another
    calls: int = 1


def words(made: Instruction) -> int:
    """Registers of 32 bits that the widest integer of the instruction takes."""
    text = re.sub(r"getelementptr.*|, align.*", "", made.text)
    widest = max((int(n) for n in _INTEGER.findall(text)), default=32)
    return max(1, -(-widest // 32))


def scalar_price(made: Instruction) -> Price:
    """Price of an instruction on scalars. Raises NotModelled."""
    kind, count = made.opcode, words(made)
    double = bool(re.search(r"\bdouble\b", made.text))
    if kind in ("fadd", "fsub"):
        return Price(library="double") if double else Price(_FLOAT_ADD)
    if kind in ("fpext", "fptrunc"):
        if double:
            return Price(library="double")
        return Price(("scalar",) if kind == "fpext" else ("float_move", "vconv", "float_take"))
    if kind in _FLOAT_CALLS:
        return Price(library="double" if double else _FLOAT_CALLS[kind])
    if kind in _DIVISIONS:
        if count == 1:
            return Price(library="int_divide")
        return Price(library="int64_divide", calls=_pairs(count))
    if kind == "mul":
        if count == 1:
            return Price(("scalar_mul",))
        return Price(library="int64", calls=_pairs(count))
    if kind in _PLAIN or kind in _SHIFTS:
        return _wide(kind, made.text, count) if count > 1 else Price(("scalar",))
    raise NotModelled(f"the instruction `{kind}`", made.line)


def _pairs(count: int) -> int:
    """Products of 64 bits that make one of `count` words."""
    doubles = -(-count // 2)
    return doubles * doubles


def _wide(kind: str, text: str, count: int) -> Price:
    """Integers of several words: carries are a chain, shifts move bits between the words."""
    if kind in ("add", "sub", "icmp"):
        return Price(("scalar",) * count)
    if kind in _SHIFTS:
        by = _BY_CONSTANT.search(text)
        if by is None:
            return Price(("scalar",) * (4 * count))
        whole, part = divmod(int(by[1]), 32)
        kept = max(1, count - whole)
        return Price(("scalar",) * (3 * kept - 2 if part else kept))
    return Price(("scalar",) * count, parallel=True)


def call_price(made: Instruction) -> Price:
    """Price of a call of a function that is neither ours nor the kernel's. Raises NotModelled."""
    name = made.callee
    if name in ("abs", "labs", "llabs"):
        return Price(("scalar",))
    if name in ("sqrt", "sqrtf"):
        return Price(library="root" if name == "sqrtf" else "double")
    if name in _BLOCKS:
        raise NotModelled(f"a call of `{name}` that is not the compiler's own", made.line)
    # what is in none of these lists does not link
    return Price(library="maths_double" if name in _LIBM else "maths")


def intrinsic_price(made: Instruction, name: str) -> Price:
    """Price of `llvm.<name>` on scalars, block copies excepted. Raises NotModelled."""
    base = name.split(".")[0]
    if base in _NOTHING:
        return Price()
    if base in _INTRINSIC_CALLS:
        library = _INTRINSIC_CALLS[base]
        if ".f64" in name:
            library = "maths_double" if library == "maths" else "double"
        return Price(library=library)
    if base not in _SCALARS:
        raise NotModelled(f"the compiler intrinsic `llvm.{name}`", made.line)
    count = words(made)
    return Price(("scalar",) * (_SCALARS[base] * count))
