"""Hostile text becomes harmless, differences are exact."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from kernelgepa.report.diff import LONGEST, changes
from kernelgepa.report.plain import harmless, packed, unpacked, visible


def applied(old: str, new: str) -> str:
    """The new text, made of the old one and what changed."""
    before, after = old.split("\n"), new.split("\n")
    made, at = [], 0
    for kind, i1, i2, j1, j2 in (c for group in changes(old, new) for c in group):
        assert kind != "equal" or before[i1:i2] == after[j1:j2]
        made += before[at:i1] + after[j1:j2]
        at = i2
    return "\n".join(made + before[at:])


LINES = st.lists(st.sampled_from(["a", "b", "", "int x;", "}"]), max_size=40)


@given(LINES, LINES)
def test_changes_make_the_new_text_of_the_old(old: list[str], new: list[str]):
    before, after = "\n".join(old), "\n".join(new)
    assert applied(before, after) == after
    assert (changes(before, after) == []) == (before == after)


@given(LINES, LINES, LINES)
def test_changes_of_long_texts_too(front: list[str], old: list[str], new: list[str]):
    rest = [str(i) for i in range(LONGEST)]
    before, after = "\n".join(front + old + rest), "\n".join(front + new + rest)
    assert applied(before, after) == after
    assert (changes(before, after) == []) == (before == after)


def test_what_cannot_be_seen_is_written_out():
    assert visible("a\u202eb\u2066c\u200bd\x1b[31m") == "a⟨U+202E⟩b⟨U+2066⟩c⟨U+200B⟩d⟨U+001B⟩[31m"
    assert visible("\ud800 \r\x85\U000e0041") == "⟨U+D800⟩ ⟨U+000D⟩⟨U+0085⟩⟨U+E0041⟩"
    assert visible("tab\t and\nline, größer, 漢字, שלום") == "tab\t and\nline, größer, 漢字, שלום"
    assert len(visible("e" + "\u0301" * 500)) < 30


@given(st.text())
def test_all_text_is_packed_into_letters_and_comes_back(text: str):
    letters = packed({text: [text, 1.5, None]})
    assert letters.isascii()
    assert not set(letters) & set("<>&\"'\\ \n")
    shown = visible(text)
    assert unpacked(letters) == {shown: [shown, 1.5, None]}


def test_numbers_that_json_lacks_are_words():
    assert harmless([float("nan"), float("-inf"), 2.0]) == ["nan", "-inf", 2.0]
    json.loads(json.dumps(harmless({"a": float("inf")}), allow_nan=False))
