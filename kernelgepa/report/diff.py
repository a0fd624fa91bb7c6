"""What changed between two texts, by line numbers: the page has both texts."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

CONTEXT = 3  # lines shown around a change
LONGEST = 3_000  # lines; longer texts are compared by their beginning and end only

# Lines [0] to [1] of the old text became [2] to [3] of the new one, with an "equal", "replace",
# "delete" or "insert" before.
Change = tuple[str, int, int, int, int]


def changes(old: str, new: str) -> list[list[Change]]:
    """Groups of changes with context, as a unified diff has them; none where nothing changed."""
    before, after = old.split("\n"), new.split("\n")
    if max(len(before), len(after)) > LONGEST:
        return _ends(before, after)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=True)
    return [list(group) for group in matcher.get_grouped_opcodes(CONTEXT)]


def _ends(before: Sequence[str], after: Sequence[str]) -> list[list[Change]]:
    """One change: everything between the lines that both begin and end with."""
    short = min(len(before), len(after))
    first = next((i for i in range(short) if before[i] != after[i]), short)
    if first == len(before) == len(after):
        return []
    rest = short - first
    last = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    end, stop = len(before) - last, len(after) - last
    kind = "insert" if first == end else "delete" if first == stop else "replace"
    lead, tail = min(CONTEXT, first), min(CONTEXT, last)
    found: list[Change] = [
        ("equal", first - lead, first, first - lead, first),
        (kind, first, end, first, stop),
        ("equal", end, end + tail, stop, stop + tail),
    ]
    return [[c for c in found if c[1] < c[2] or c[3] < c[4]]]
