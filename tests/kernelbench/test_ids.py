"""Sets of numbers: what is written is read, and what is read is written the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelgepa.errors import InputError
from kernelgepa.kernelbench import ids

numbers = st.integers(0, 3000)
parts = st.one_of(numbers.map(lambda n: (n, n)), st.tuples(numbers, st.integers(0, 40)).map(
    lambda p: (p[0], p[0] + p[1])
))  # fmt: skip


@given(st.lists(parts, min_size=1, max_size=8), st.sampled_from(["", " ", "\t"]))
def test_every_number_of_every_part_is_in_the_set(given: list[tuple[int, int]], gap: str):
    text = f"{gap},{gap}".join(str(a) if a == b else f"{a}{gap}-{gap}{b}" for a, b in given)
    wanted = {n for a, b in given for n in range(a, b + 1)}
    assert ids.parse(text) == tuple(sorted(wanted))


@given(st.sets(numbers, min_size=1))
def test_a_set_is_read_back_from_its_text(wanted: set[int]):
    text = ids.text(tuple(wanted))
    assert set(ids.parse(text)) == wanted
    assert len(text) <= len(",".join(map(str, wanted)))


@given(st.text("0123456789,- x", max_size=12))
def test_any_text_is_numbers_or_one_sentence(text: str):
    try:
        found = ids.parse(text)
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert found == tuple(sorted(set(found)))
        assert found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "found ''"),
        ("1,,2", "found ''"),
        ("7-4", "the range 7-4 runs backwards"),
        ("1-999999999", "expected numbers up to 100000"),
        ("²", "found '²'"),
        ("1-2-3", "found '1-2-3'"),
        ("-3", "found '-3'"),
    ],
)
def test_what_is_no_set_is_said(text: str, says: str):
    with pytest.raises(InputError) as error:
        ids.parse(text)
    assert says in str(error.value)
