"""Writes LLVM's 256-bit and 512-bit integers as the vectors they stand for.

When a load reads part of what an earlier load or store holds, LLVM takes the part out as a wide
integer: extractelement of <2 x i256>, or a shift and a truncation of an i512. On the core these are
subregisters and byte shifts of a register, which shufflevector says without such integers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_WIDE = re.compile(r"\bi(?:256|512)\b")
_EXTRACT = re.compile(r"extractelement <(\d+) x i256> ([%\w.-]+), i(?:32|64) (\d+)")
_SHIFT = re.compile(r"(\s*)%([\w.-]+) = lshr (?:exact )?i(256|512) ([%\w.-]+), (\d+)(.*)")
_TRUNCATE = re.compile(r"(\s*)%([\w.-]+) = trunc (?:nuw |nsw )*i(256|512) ([%\w.-]+) to i(\d+)(.*)")
_VECTOR = re.compile(r"<(\d+) x i256>")
_RENAMED = re.compile(r"= (?:bitcast|phi|select|freeze|load)\b|^\s*store\b")


def subregisters(ir: str) -> str:
    """IR text of the same meaning. Other uses of such integers are left to be refused."""
    if not _WIDE.search(ir):
        return ir
    lines: list[str] = []
    for text in ir.split("\n"):
        lines.extend(_rewritten(text) if _WIDE.search(text) else (text,))
    return "\n".join(lines)


def _rewritten(text: str) -> Iterator[str]:
    if (shift := _SHIFT.match(text)) and int(shift[5]) % 8 == 0:
        yield from _shifted(shift)
    elif cut := _TRUNCATE.match(text):
        yield from _truncated(cut)
    elif _EXTRACT.search(text):
        yield _EXTRACT.sub(lambda m: _lanes(8 * int(m[1]), m[2], 8 * int(m[3]), 8), text)
    elif _RENAMED.search(text):
        text = _VECTOR.sub(lambda m: f"<{8 * int(m[1])} x i32>", text)
        yield text.replace("i256", "<8 x i32>").replace("i512", "<16 x i32>")
    else:
        yield text


def _shifted(m: re.Match[str]) -> Iterator[str]:
    """Bytes moved down, zeros behind them; whole lanes of 32 bits where that suffices."""
    indent, name, value, rest = m[1], m[2], m[4], m[6]
    bits, by = int(m[3]), int(m[5]) // 8
    words = f"<{bits // 32} x i32>"
    if by % 4 == 0:
        yield f"{indent}%{name} = {_lanes(bits // 32, value, by // 4, bits // 32)}{rest}"
        return
    count = bits // 8
    octets = f"<{count} x i8>"
    indices = ", ".join(f"i32 {i}" for i in range(by, by + count))
    yield f"{indent}%sub.{name}.from = bitcast {words} {value} to {octets}{rest}"
    yield (
        f"{indent}%sub.{name}.moved = shufflevector {octets} %sub.{name}.from, "
        f"{octets} zeroinitializer, <{count} x i32> <{indices}>{rest}"
    )
    yield f"{indent}%{name} = bitcast {octets} %sub.{name}.moved to {words}{rest}"


def _truncated(m: re.Match[str]) -> Iterator[str]:
    """The lowest bits: a subregister, or lane 0 of a vector of such lanes."""
    indent, name, value, rest = m[1], m[2], m[4], m[6]
    bits, kept = int(m[3]), int(m[5])
    if kept == 256:
        yield f"{indent}%{name} = {_lanes(bits // 32, value, 0, 8)}{rest}"
        return
    lanes = f"<{bits // kept} x i{kept}>"
    yield f"{indent}%sub.{name}.from = bitcast <{bits // 32} x i32> {value} to {lanes}{rest}"
    yield f"{indent}%{name} = extractelement {lanes} %sub.{name}.from, i64 0{rest}"


def _lanes(size: int, value: str, first: int, count: int) -> str:
    """`count` 32-bit lanes of a vector of `size`, from `first`; zeros past its end."""
    lanes = ", ".join(f"i32 {i}" for i in range(first, first + count))
    vector = f"<{size} x i32>"
    return f"shufflevector {vector} {value}, {vector} zeroinitializer, <{count} x i32> <{lanes}>"
