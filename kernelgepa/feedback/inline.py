"""Lines of C++ and CUDA that stand as text in a candidate's Python, as compilers name them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

_PLACE = re.compile(
    r"\.(?P<kind>cpp|cc|cxx|cu|c)(?::(?P<line>\d+):\d+|\((?P<row>\d+)\)): "
    r"(?:fatal )?error:? (?P<said>.*)"
)
_QUOTED = re.compile(r"['‘\"`]([^'‘’\"`\n]{1,80})['’\"`]")
_NAME = re.compile(r"[A-Za-z_]\w*")
_WORDS = frozenset({"class", "struct", "const", "void", "int", "float", "token", "aka", "at"})
ADDED = 1, 3  # lines of #include that load_inline puts before C++ and before CUDA


@dataclass(frozen=True)
class _Text:
    """A text of several lines; `line` is that of its first in the candidate."""

    line: int
    rows: tuple[str, ...]


def line_of(message: str, source: str, shown: str = "") -> int | None:
    """The candidate's line of the first error of a compiler, where it can be told.

    A compiler counts from the beginning of a file that the candidate, or load_inline for it, made
    of such a text. Of the lines that may be meant only one has a name that the error quotes; else
    only one line of such texts is what the compiler has `shown`.
    """
    place = _PLACE.search(message)
    if not place:
        return None
    number = int(place["line"] or place["row"])
    said = place["said"].partition("did you mean")[0]
    names = {n for quoted in _QUOTED.findall(said) for n in _NAME.findall(quoted)} - _WORDS
    found = set()
    for text in _texts(source):
        for added in (0, ADDED[place["kind"] == "cu"]):
            at = number - 1 - added
            if 0 <= at < len(text.rows) and names & set(_NAME.findall(text.rows[at])):
                found.add(text.line + at)
    if len(found) != 1 and shown:
        found = {
            text.line + at
            for text in _texts(source)
            for at, row in enumerate(text.rows)
            if row.strip() == shown
        }
    return found.pop() if len(found) == 1 else None


def _texts(source: str) -> Iterator[_Text]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value:
            rows = tuple(node.value.split("\n"))
            if node.end_lineno is not None and node.end_lineno - node.lineno + 1 == len(rows):
                yield _Text(node.lineno, rows)
