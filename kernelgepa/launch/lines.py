"""Where a key of a TOML text stands: its reader keeps no lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?")
_AT = re.compile(r"\s*\(at line (\d+), column (\d+)\)\s*$")


def of_key(text: str, table: str, index: int, key: str, value: str = "") -> int | None:
    """The line of `key` in table `table` (the index-th of its name, from 0), of `value` in it.

    None where it is not written on a line of its own.
    """
    lines = text.splitlines()
    first, last = _extent(lines, table, index)
    starts = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*(=|\.)""")
    inner = re.compile(rf"""[,{{]\s*["']?{re.escape(key)}["']?\s*=""")
    for pattern in (starts.match, inner.search):
        for number in range(first, last):
            if not pattern(lines[number]):
                continue
            for below in range(number, last):
                if value and value in lines[below]:
                    return below + 1
            return number + 1
    return first if table and first else None


def _extent(lines: Sequence[str], table: str, index: int) -> tuple[int, int]:
    """The lines that belong to a table: (first, beyond the last), counted from 0."""
    first, seen = (0, 0) if not table else (len(lines), 0)
    for number, line in enumerate(lines):
        header = _HEADER.match(line)
        if not header:
            continue
        if first <= number:
            return first, number
        if header[2] == table:
            if seen == index:
                first = number + 1
            seen += 1
    return first, len(lines)


def of_error(message: str) -> tuple[str, int | None, int | None]:
    """What tomllib says, apart from where: (message, line, column)."""
    found = _AT.search(message)
    if not found:
        return message, None, None
    return message[: found.start()], int(found[1]), int(found[2])
