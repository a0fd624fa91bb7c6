"""C scalar types of the core's kernels, their promotions and value ranges (C++20, LP32)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A scalar type: its C spelling, width in bits, signedness; `floating` for bf16 and float."""

    name: str
    bits: int
    signed: bool
    floating: bool = False

    @property
    def low(self) -> int:
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def high(self) -> int:
        return (1 << (self.bits - 1)) - 1 if self.signed else (1 << self.bits) - 1

    def wrap(self, value: int) -> int:
        """`value` modulo 2^bits, as C++20 converts to this integer type."""
        value &= (1 << self.bits) - 1
        return value - (1 << self.bits) if self.signed and value > self.high else value


I8, U8 = Kind("int8_t", 8, True), Kind("uint8_t", 8, False)
I16, U16 = Kind("int16_t", 16, True), Kind("uint16_t", 16, False)
I32, U32 = Kind("int32_t", 32, True), Kind("uint32_t", 32, False)
BOOL = Kind("bool", 1, False)
BF16, F32 = Kind("bfloat16", 16, True, True), Kind("float", 32, True, True)
INTEGERS = (I8, U8, I16, U16, I32, U32)

# double is evaluated as float: the verdict's tolerance decides whether that is enough
_SPELLINGS: Mapping[str, Kind] = {
    "int8_t": I8, "signed char": I8, "char": I8, "uint8_t": U8, "unsigned char": U8,
    "int16_t": I16, "short": I16, "short int": I16, "uint16_t": U16, "unsigned short": U16,
    "int32_t": I32, "int": I32, "signed": I32, "signed int": I32, "long": I32, "long int": I32,
    "ptrdiff_t": I32, "int_fast32_t": I32, "uint32_t": U32, "unsigned": U32, "unsigned int": U32,
    "unsigned long": U32, "size_t": U32, "uint_fast32_t": U32, "uint": U32, "bool": BOOL,
    "bfloat16": BF16, "__bf16": BF16, "float": F32, "double": F32,
}  # fmt: skip


def kind_of(spelling: str) -> Kind | None:
    """The type of a C spelling, qualifiers and `std::` removed; None where it is not a scalar."""
    words = [
        w.removeprefix("std::")
        for w in spelling.split()
        if w not in ("const", "constexpr", "static", "register", "typename")
    ]
    return _SPELLINGS.get(" ".join(words))


def of_dtype(dtype: str) -> Kind:
    """The type of an interface's dtype."""
    return _SPELLINGS.get(dtype + "_t") or (F32 if dtype == "float32" else BF16)


def promoted(kind: Kind) -> Kind:
    """Integer promotion; a bfloat16 operand is evaluated in float (excess precision)."""
    if kind.floating:
        return F32
    return kind if kind.bits == 32 else I32


def common(left: Kind, right: Kind) -> Kind:
    """Usual arithmetic conversions."""
    a, b = promoted(left), promoted(right)
    if a.floating or b.floating:
        return F32
    return U32 if U32 in (a, b) else I32


def fitting(low: int, high: int) -> Kind:
    """The narrowest integer type that holds every value of the range, signed first."""
    for kind in INTEGERS:
        if kind.low <= low and high <= kind.high:
            return kind
    return I32


def as_float32(value: float) -> float:
    """`value` rounded to float; infinities beyond its range."""
    try:
        rounded: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
    return rounded


def is_bfloat16(value: float) -> bool:
    """Whether a float is representable in bfloat16."""
    bits: int = struct.unpack("<I", struct.pack("<f", value))[0]
    return bits & 0xFFFF == 0 and as_float32(value) == value
