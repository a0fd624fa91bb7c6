"""Prices of plain IR instructions and compiler intrinsics: machine operations or a library call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kernelgepa.npu.ir import Instruction
from kernelgepa.npu.lower import type_bytes
from kernelgepa.npu.model.registers import is_vector

_MATHS = """
    exp exp2 exp10 expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh
    asinh acosh atanh pow fmod remainder hypot cbrt erf erfc tgamma lgamma ldexp scalbn
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
_NOTHING = ("lifetime", "assume", "experimental", "dbg", "invariant", "donothing")
_INTRINSIC_CALLS: Mapping[str, str] = {
    **dict.fromkeys(_MATHS.split(), "maths"),
    "sqrt": "root",
    **dict.fromkeys(
        ("maxnum", "minnum", "maximum", "minimum", "maximumnum", "minimumnum", "is"),
        "float_compare",
    ),
    **dict.fromkeys(
        ("floor", "ceil", "trunc", "rint", "nearbyint", "round", "roundeven"), "float_to_int"
    ),
    "fma": "float_multiply",
    "fmuladd": "float_multiply",
}


@dataclass(frozen=True)
class Price:
    """Either machine operations, one after another, or a library call."""

    ops: tuple[str, ...] = ()
    library: str = ""
    parallel: bool = False  # the operations do not wait for one another
    live: bool = False  # a vector operation written as such


def scalar_price(made: Instruction) -> Price:
    """Price of an instruction on scalars."""
    kind = made.opcode
    wide = bool(re.match(r"i(?:64|128)$", made.type)) or " i64 " in made.text
    double = bool(re.search(r"\bdouble\b", made.text))
    if kind in ("fadd", "fsub"):
        return Price(library="double") if double else Price(_FLOAT_ADD)
    if kind in ("fpext", "fptrunc"):
        if double:
            return Price(library="double")
        return Price(("scalar",) if kind == "fpext" else ("float_move", "vconv", "float_take"))
    if kind in _FLOAT_CALLS:
        return Price(library="double" if double else _FLOAT_CALLS[kind])
    if kind in ("sdiv", "udiv", "srem", "urem"):
        return Price(library="int64" if wide else "int_divide")
    if kind == "mul":
        return Price(library="int64") if wide else Price(("scalar_mul",))
    return Price(("scalar",) * (2 if wide and kind != "icmp" else 1), parallel=True)


def vector_price(made: Instruction) -> Price:
    """Price of arithmetic on native vector types, and of shuffles below 256 bits."""
    size = type_bytes(made.type) if is_vector(made.type) else 64
    kind = made.opcode
    if kind in ("fdiv", "sdiv", "udiv", "srem", "urem", "frem"):
        return Price(library="vector_divide_16")
    op = {
        "fadd": "acc_add_f",
        "fsub": "acc_add_f",
        "fmul": "vmac_float",
        "mul": "vmac",
        "icmp": "vector_test",
        "fcmp": "vector_test",
        "shufflevector": "vector_move",
        "insertelement": "vector_move",
        "extractelement": "extract",
    }.get(kind, "vector")
    return Price((op,) * max(1, (size + 63) // 64), parallel=True, live=True)


def call_price(name: str) -> Price:
    """Price of a call of a function that is neither ours nor the kernel's."""
    return Price(library="root" if name in ("sqrtf", "sqrt") else "maths")


def intrinsic_price(made: Instruction, name: str) -> Price:
    """Price of `llvm.<name>`, block copies excepted."""
    base = name.split(".")[0]
    vector = is_vector(made.type)
    times = max(1, type_bytes(made.type) // 64) if vector else 1
    if base in _NOTHING:
        return Price()
    if base in _INTRINSIC_CALLS:
        return Price(library=_INTRINSIC_CALLS[base])
    if base in ("smax", "smin", "umax", "umin", "abs"):
        if vector:
            return Price(("vector",) * times, parallel=True, live=True)
        return Price(("scalar",) if base == "abs" else ("scalar", "scalar"))  # ABS; compare, select
    if base in ("fabs", "copysign"):
        return Price(("vector" if vector else "scalar",) * times, parallel=True, live=vector)
    if base in ("ctpop", "cttz", "bitreverse", "bswap"):
        return Price(("scalar",) * 4)
    return Price(("vector" if vector else "scalar",) * (2 * times), live=vector)
