"""What the API's own checks say is answered by a rule of its own, with what to write instead."""

from __future__ import annotations

import pytest

from kernelgepa.feedback.manual import answers
from kernelgepa.feedback.tables import hints, matching
from kernelgepa.verdict import Diagnostic

TARGET = "npu-sim"


@pytest.mark.parametrize(
    ("said", "section", "words"),
    [
        ("32-bit products accumulate in acc64", "accum", "32-bit integers acc64"),
        ("accumulator and vector have different sizes (number of elements)", "accum", "lanes"),
        ("accumulators have different types (acc32, acc64, accfloat)", "accum", "one kind"),
        ("accfloat is made from bfloat16 or float vectors", "from-vector", "aie::to_float"),
        ("downshift: not defined for floating point elements", "shift", "multiply"),
        ("div: only for floating point elements", "div", "to_float"),
        ("pack: only from integers of 16 or 32 bits", "pack-unpack", "halves"),
        ("split: the parts are larger than the vector", "vector-parts", "sizes of parts"),
        ("fetch: 16 or 32 indices at a time", "lut", "aie::parallel_lookup"),
        ("mask: from_uint32 takes one word for each 32 elements", "mask", "from_uint32"),
        ("sliding_mul: CoeffStep must be 1 or 2", "sliding", "steps are 1 or 2"),
        ("transpose: the matrix takes at most 1024 bits", "transpose", "1024 bits"),
    ],
)
def test_a_check_of_the_api_is_answered(said: str, section: str, words: str) -> None:
    note = Diagnostic(f"static assertion failed: {said}")
    assert answers(note, TARGET)[0].id == section
    assert any(words in hint for hint in hints(note, TARGET))
    assert any(not rule.vague for rule, _ in matching(note, TARGET))
