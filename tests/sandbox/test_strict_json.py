"""JSON that untrusted code wrote."""

from __future__ import annotations

import pytest

from kernelgepa.sandbox.strict_json import loads


def test_honest_json_is_read():
    text = b'{"a": [1, -2.5, "x\\"]}[{", null, true], "b": {"c": "\\u00e9"}}'
    assert loads(text, 1000) == {"a": [1, -2.5, 'x"]}[{', None, True], "b": {"c": "é"}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"[" * 100_000, "deeper"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "deeper"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'[{"x": 1, "x": 1}]', "twice"),
        (b"[NaN]", "NaN"),
        (b"[Infinity]", "Infinity"),
        (b"-Infinity", "Infinity"),
        (b"[1e999]", "finite"),
        (b"9" * 5000, "digits"),
        (b"[" + b"1," * 600 + b"1]", "bytes"),
        (b'"\xff\xfe"', "utf-8"),
        (b"", "Expecting"),
        (b"{} {}", "Extra data"),
        (b"[1,]", "Expecting|Illegal"),
    ],
)
def test_doubtful_json_is_refused_with_its_reason(text: bytes, reason: str):
    most = 1000 if reason == "bytes" else 1 << 20
    with pytest.raises(ValueError, match=reason):
        loads(text, most)
