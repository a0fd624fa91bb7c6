"""Search and replace edits: what is searched must stand in the text exactly once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SEARCH = re.compile(r"^[ \t]*<{5,}[ \t]*SEARCH\b.*$")
_MIDDLE = re.compile(r"^[ \t]*={5,}[ \t]*$")
_REPLACE = re.compile(r"^[ \t]*>{5,}[ \t]*REPLACE\b.*$")
_SHOWN = 60  # characters of an edit's first line in a message


class EditError(Exception):
    """Edits that cannot be applied; the message says which and why."""


@dataclass(frozen=True)
class Edit:
    """Lines to be found, and those to stand there instead."""

    search: tuple[str, ...]
    replace: tuple[str, ...]


def has_edits(text: str) -> bool:
    """Whether a block of code is edits, not a whole text."""
    return any(_SEARCH.match(line) for line in text.split("\n"))


def parse(text: str) -> list[Edit]:
    """Edits in order; other lines between them are ignored. Raises EditError."""
    found: list[Edit] = []
    search: list[str] | None = None
    replace: list[str] | None = None
    for line in text.split("\n"):
        if _SEARCH.match(line):
            if search is not None:
                raise EditError(f"edit {len(found) + 1} has no end (>>>>>>> REPLACE)")
            search = []
        elif search is None:
            continue
        elif replace is None:
            if _MIDDLE.match(line):
                replace = []
            elif _REPLACE.match(line):
                raise EditError(f"edit {len(found) + 1} has no middle (=======)")
            else:
                search.append(line)
        elif _REPLACE.match(line):
            found.append(Edit(tuple(search), tuple(replace)))
            search = replace = None
        else:
            replace.append(line)
    if search is not None:
        raise EditError(f"edit {len(found) + 1} has no end (>>>>>>> REPLACE)")
    return found


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text after all edits, each on what the ones before made. Raises EditError.

    Whole lines are compared, spaces at their ends aside.
    """
    lines = text.split("\n")
    for number, edit in enumerate(edits, 1):
        at = _place(lines, edit, number)
        lines[at : at + len(_trimmed(edit.search))] = edit.replace
    return "\n".join(lines)


def _trimmed(lines: Sequence[str]) -> list[str]:
    """Without empty lines at both ends: models add them."""
    kept = list(lines)
    while kept and not kept[0].strip():
        kept.pop(0)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def _place(lines: Sequence[str], edit: Edit, number: int) -> int:
    wanted = [line.rstrip() for line in _trimmed(edit.search)]
    if not wanted:
        raise EditError(f"edit {number} searches for nothing")
    have = [line.rstrip() for line in lines]
    places = [i for i in range(len(have) - len(wanted) + 1) if have[i : i + len(wanted)] == wanted]
    said = wanted[0].strip()[:_SHOWN]
    if not places:
        raise EditError(f"edit {number} searches for text that is not in the source ({said})")
    if len(places) > 1:
        raise EditError(f"edit {number} searches for text found {len(places)} times ({said})")
    return places[0]
