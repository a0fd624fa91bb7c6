"""JSON from untrusted hands: bounded in size, depth and numbers, without duplicate keys or NaN."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

DEPTH = 32
INTEGER_DIGITS = 20
_OPEN, _CLOSE = b"[{", b"]}"
_REST = bytes(set(range(256)) - set(_OPEN + _CLOSE))


def loads(data: bytes, max_bytes: int, max_depth: int = DEPTH) -> Any:
    """The value of a JSON text. Raises ValueError, with the reason, for anything doubtful.

    Refused: more than `max_bytes`, deeper than `max_depth`, invalid UTF-8, NaN and infinities,
    floats that overflow, integers of more than 20 digits, a key twice in one object.
    """
    if len(data) > max_bytes:
        raise ValueError(f"{len(data)} bytes of JSON, at most {max_bytes} are read")
    if _depth(data) > max_depth:
        raise ValueError(f"JSON nested deeper than {max_depth}")
    return json.loads(
        data.decode("utf-8"),
        object_pairs_hook=_object,
        parse_constant=_constant,
        parse_int=_integer,
        parse_float=_float,
    )


def _depth(data: bytes) -> int:
    """Deepest nesting, without recursion; brackets inside strings do not count."""
    deepest = depth = 0
    pieces = data.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    for piece in pieces[::2]:
        for bracket in piece.translate(None, _REST):
            if bracket in _OPEN:
                depth += 1
                deepest = max(deepest, depth)
            else:
                depth -= 1
    return deepest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice in one JSON object")
    return found


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _integer(text: str) -> int:
    if len(text) > INTEGER_DIGITS:
        raise ValueError(f"an integer of {len(text)} digits")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is not finite")
    return value
