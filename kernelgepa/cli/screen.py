"""Plain lines and aligned columns. Piped output has no control codes and one row a line."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import TextIO

_NARROWEST = 24  # fewest columns a last cell is wrapped into; below, the terminal wraps


class Screen:
    """Writes to standard output or standard error; bold and wrapped only on a terminal."""

    def __init__(self, stderr: bool = False) -> None:
        self._file: TextIO = sys.stderr if stderr else sys.stdout
        terminal = self._file.isatty()
        plain = os.environ.get("TERM") == "dumb" or bool(os.environ.get("NO_COLOR"))
        self._styled = terminal and not plain
        self.live = self._styled  # whether what has been written can be drawn over
        self._width = shutil.get_terminal_size().columns if terminal else 0

    def line(self, text: str = "") -> None:
        """One line, written at once so that who reads a pipe sees it."""
        print(text, file=self._file, flush=True)

    def bold(self, text: str) -> str:
        """The text, bold where that can be shown."""
        return f"\x1b[1m{text}\x1b[0m" if self._styled else text

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]], indent: int = 0) -> None:
        """Aligned columns: titles that begin with ">" are of numbers, on the right."""
        for text in columns(header, rows, self._width - indent if self._width else 0):
            self.line(f"{'':{indent}}{text}".rstrip())


def columns(header: Sequence[str], rows: Sequence[Sequence[str]], width: int = 0) -> list[str]:
    """Lines of a table. With a width the last column is wrapped into what is left of it."""
    right = [title.startswith(">") for title in header]
    titles = [title.removeprefix(">") for title in header]
    widths = [max(len(row[i]) for row in [titles, *rows]) for i in range(len(titles))]
    left = width - sum(widths[:-1]) - 2 * (len(widths) - 1)
    lines = []
    for row in [titles, *rows]:
        parts = _wrapped(row[-1], left, widths[-1])
        cells = [*row[:-1], parts[0]]
        lines.append(
            "  ".join(
                cell.rjust(size) if number else cell.ljust(size)
                for cell, size, number in zip(cells, widths, right, strict=True)
            ).rstrip()
        )
        lines += [" " * (width - left) + part for part in parts[1:]]
    return lines


def _wrapped(text: str, left: int, needed: int) -> list[str]:
    if left >= needed or left < _NARROWEST:
        return [text]
    return textwrap.wrap(text, left) or [""]
