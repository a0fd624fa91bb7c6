"""Writes LLVM's 256-bit and 512-bit integers as the vectors they stand for.

When a load reads part of what an earlier load holds, LLVM takes the part out as an integer of 256
bits: extractelement of <2 x i256>, or a shift and truncation of an i512. On the core both are a
subregister, which a shufflevector says without such integers.
"""

from __future__ import annotations

import re

_WIDE = re.compile(r"\bi(?:256|512)\b")
_EXTRACT = re.compile(r"extractelement <(\d+) x i256> ([%\w.-]+), i(?:32|64) (\d+)")
_SHIFT = re.compile(r"lshr (?:exact )?i512 ([%\w.-]+), 256")
_TRUNCATE = re.compile(r"trunc (?:nuw |nsw )*i512 ([%\w.-]+) to i256")
_VECTOR = re.compile(r"<(\d+) x i256>")


def subregisters(ir: str) -> str:
    """IR text of the same meaning. Other uses of such integers are left to be refused."""
    if not _WIDE.search(ir):
        return ir
    return "\n".join(_line(t) if _WIDE.search(t) else t for t in ir.split("\n"))


def _line(text: str) -> str:
    text = _EXTRACT.sub(lambda m: _part(8 * int(m[1]), m[2], 8 * int(m[3]), 8), text)
    text = _SHIFT.sub(lambda m: _part(16, m[1], 8, 16), text)
    text = _TRUNCATE.sub(lambda m: _part(16, m[1], 0, 8), text)
    if re.search(r"= (?:bitcast|phi|select|freeze|load)\b|^\s*store\b|= shufflevector\b", text):
        text = _VECTOR.sub(lambda m: f"<{8 * int(m[1])} x i32>", text)
        text = text.replace("i256", "<8 x i32>").replace("i512", "<16 x i32>")
    return text


def _part(size: int, value: str, first: int, count: int) -> str:
    """`count` 32-bit lanes of a vector of `size`, from `first`; zeros past its end."""
    lanes = ", ".join(f"i32 {i}" for i in range(first, first + count))
    vector = f"<{size} x i32>"
    return f"shufflevector {vector} {value}, {vector} zeroinitializer, <{count} x i32> <{lanes}>"
