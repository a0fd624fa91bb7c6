"""What is said of loops whose lookups wait for stores: not only that pointers can be __restrict."""

from __future__ import annotations

import pytest

from kernelgepa.feedback.symptoms import symptoms
from tests.model.measure import HERE, profile

BUFFERS = "a:bfloat16*1024 -> c:bfloat16*1024"
PLAIN = (HERE / "calibration" / "exp_by_tables.cc").read_text()


@pytest.mark.parametrize("qualifier", ["", "__restrict "])
def test_lookups_are_to_come_before_the_store_of_the_trip_before(qualifier: str) -> None:
    source = PLAIN.replace(
        "bfloat16 *a, bfloat16 *c", f"bfloat16 *{qualifier}a, bfloat16 *{qualifier}c"
    )
    said = symptoms(profile(source, BUFFERS), "npu-sim")
    texts = [s.text for s in said if s.sections[0] == "lut"]
    assert len(texts) == 1, said
    assert "lookups" in texts[0]
    assert "before this trip stores" in texts[0]
    assert ("declare the pointers __restrict" in texts[0]) == (not qualifier)
    assert not [s for s in said if s.sections[0] in ("restrict", "recurrence")]
