"""Sizes of types in LLVM IR text, for the 32-bit data layout both ends share."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SCALARS = {"i1": 1, "i8": 1, "i16": 2, "bfloat": 2, "half": 2, "i32": 4, "float": 4, "ptr": 4,
            "i64": 8, "double": 8, "i128": 16}  # fmt: skip
_ARRAY = re.compile(r"\[(\d+) x ")
_VECTOR = re.compile(r"<(\d+) x (\w+)>")
NESTED = 8  # structs in structs
_WORD = re.compile(r"%(?:\"[^\"]*\"|[\w.$-]+)|\w+")


class TypeSizes:
    """Sizes and alignments in bytes; named struct types are declared as they are met."""

    def __init__(self, lines: Sequence[str] = ()) -> None:
        self._named: dict[str, tuple[int, int]] = {}
        for _ in range(NESTED if lines else 0):  # a type may stand before those it is made of
            for line in lines:
                self.declare(line)

    def declare(self, line: str) -> None:
        """Takes a line `%name = type {...}`."""
        name, _, body = line.partition(" = type ")
        self._named[name.strip()] = (1, 1) if body.startswith("opaque") else self.at(body, 0)[:2]

    def size(self, text: str) -> int:
        """Size of the type that `text` begins with; what follows it is ignored."""
        return self.at(text, 0)[0]

    def at(self, text: str, start: int) -> tuple[int, int, int]:
        """(size, alignment, index after it) of the type at `start`."""
        array = _ARRAY.match(text, start)
        if array:
            size, align, end = self.at(text, array.end())
            return int(array[1]) * size, align, end + 1
        vector = _VECTOR.match(text, start)
        if vector:
            size = max(1, int(vector[1]) * _SCALARS.get(vector[2], 4))
            return size, min(size, 64), vector.end()
        if text.startswith("<{", start):
            return self._struct(text, start + 2, packed=True)
        if text.startswith("{", start):
            return self._struct(text, start + 1, packed=False)
        word = _WORD.match(text, start)
        if word is None:
            return 4, 4, start + 1
        if word[0].startswith("%"):
            size, align = self._named.get(word[0], (4, 4))
            return size, align, word.end()
        size = _SCALARS.get(word[0], 4)
        if word[0] not in _SCALARS and re.fullmatch(r"i\d+", word[0]):
            size = (int(word[0][1:]) + 7) // 8
        return size, min(size, 8), word.end()

    def _struct(self, text: str, start: int, packed: bool) -> tuple[int, int, int]:
        offset, widest, at = 0, 1, start
        while at < len(text) and text[at] != "}":
            if text[at] in " ,":
                at += 1
                continue
            size, align, at = self.at(text, at)
            align = 1 if packed else align
            offset = (offset + align - 1) // align * align + size
            widest = max(widest, align)
        end = at + (2 if packed else 1)
        return (offset + widest - 1) // widest * widest, widest, end
