"""What the source says of a kernel's parameters: pointers, numbers, and which kind of number.

The compiler tells sizes only; eight bytes may be a pointer or a number. What is not plain from the
text (a type of the candidate's own, a template's) is not said.
"""

from __future__ import annotations

import re
from typing import Literal

ParameterKind = Literal["pointer", "float", "whole", ""]
_COMMENTS = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_FLOATS = frozenset({"float", "double", "half", "__half", "__nv_bfloat16", "nv_bfloat16"})
_WHOLE = frozenset(
    {"int", "long", "short", "char", "unsigned", "signed", "size_t", "bool", "ptrdiff_t", "uint"}
    | {f"{u}int{n}_t" for u in ("", "u") for n in (8, 16, 32, 64)}
)
_IGNORED = frozenset({"const", "volatile", "std", "__restrict__", "__restrict", "restrict"})
_CHARACTERS = 4000


def kinds(source: str, kernel: str) -> tuple[ParameterKind, ...] | None:
    """Of each parameter in order; None where the text has no such function, or several."""
    name = kernel.partition("<")[0].rpartition("::")[2]
    text = _COMMENTS.sub(" ", source)
    found = {
        listed
        for start in re.finditer(rf"__global__[^;{{}}]*?\b{re.escape(name)}\s*\(", text)
        if (listed := _listed(text, start.end())) is not None
    }
    if len(found) != 1:
        return None
    return tuple(map(_kind, found.pop()))


def _listed(text: str, start: int) -> tuple[str, ...] | None:
    """The parts between commas up to the closing bracket."""
    depth, parts, begin = 0, list[str](), start
    for at in range(start, min(len(text), start + _CHARACTERS)):
        letter = text[at]
        if letter in "([{<":
            depth += 1
        elif depth and letter in ")]}>":
            depth -= 1
        elif letter == ")" or (letter == "," and not depth):
            parts.append(" ".join(text[begin:at].split()))
            begin = at + 1
            if letter == ")":
                return () if parts in ([""], ["void"]) else tuple(parts)
    return None


def _kind(text: str) -> ParameterKind:
    declared = text.partition("=")[0]
    if "*" in declared or "[" in declared:
        return "pointer"
    words = [w for w in re.findall(r"\w+", declared) if w not in _IGNORED]
    kept = set(words[:-1] if len(words) > 1 else words)
    if kept and kept <= _WHOLE:
        return "whole"
    if kept and kept <= _FLOATS | {"long"}:
        return "float"
    return ""
