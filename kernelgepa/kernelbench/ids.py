"""Sets of problem numbers as a user writes them: `1,4-7`."""

from __future__ import annotations

import re

from kernelgepa.errors import InputError

MOST = 100_000  # no number of a problem is larger; a slip of the pen must not fill the memory
_PART = re.compile(r"\s*([0-9]{1,9})\s*(?:-\s*([0-9]{1,9})\s*)?", re.ASCII)


def parse(text: str, option: str = "") -> tuple[int, ...]:
    """The numbers, ascending, each once; ranges have both ends. Raises InputError.

    `option`: what its sentence begins with.
    """
    said = f"{option} {text!r}".strip()
    found = set[int]()
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            raise InputError(f"{said}: expected numbers such as 1,4-7, found {part.strip()!r}")
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last:
            raise InputError(f"{said}: the range {first}-{last} runs backwards")
        if last > MOST:
            raise InputError(f"{said}: expected numbers up to {MOST}, found {last}")
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def text(ids: tuple[int, ...]) -> str:
    """The shortest form that `parse` reads back as the same numbers."""
    runs: list[list[int]] = []
    for number in sorted(set(ids)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)
