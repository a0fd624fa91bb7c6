"""Text of a run made harmless, and packed for the page.

Kernels, notes and diagnostics are written by others: nothing in them may end a script, become
markup, or look like something it is not.
"""

from __future__ import annotations

import base64
import gzip
import json
import math
import re
from collections.abc import Mapping
from typing import Any

# What is not seen, or changes the order in which the rest is seen; and halves of characters.
_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]"
_MARKS = re.compile(f"({_MARK}{{3}}){_MARK}+")  # piled up, they cover the lines around


def visible(text: str) -> str:
    """The text with every character that cannot be seen, or that moves others, written out."""
    if text.isascii() and text.isprintable():
        return text
    shown = _ODD.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)
    return _MARKS.sub(r"\1⟨more marks⟩", shown)


def harmless(value: Any) -> Any:
    """Plain values for JSON: text made visible; numbers that JSON lacks as words."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {visible(str(k)): harmless(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [harmless(v) for v in value]
    return value


def packed(value: Any) -> str:
    """JSON, compressed, in letters that mean nothing to HTML."""
    text = json.dumps(harmless(value), separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode("ascii"), 9, mtime=0)).decode("ascii")


def unpacked(text: str) -> Any:
    """The inverse of `packed`."""
    return json.loads(gzip.decompress(base64.b64decode(text)))
