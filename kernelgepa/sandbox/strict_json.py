"""JSON from untrusted hands: bounded in size, depth and numbers, without duplicate keys or NaN."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

DEPTH = 32
INTEGER_DIGITS = 20
_OPEN, _CLOSE = b"[{", b"]}"
_REST = bytes(set(range(256)) - set(_OPEN + _CLOSE))
_SHAPE = bytes.maketrans(b"123456789E", b"000000000e")


def loads(data: bytes, max_bytes: int) -> Any:
    """The value of a JSON text. Raises ValueError, with the reason, for anything doubtful.

    Refused: more than `max_bytes`, deeper than DEPTH, invalid UTF-8, NaN and infinities,
    floats that overflow, integers of more than 20 digits, a key twice in one object.
    """
    if len(data) > max_bytes:
        raise ValueError(f"{len(data)} bytes of JSON, at most {max_bytes} are read")
    if _deep(data):
        raise ValueError(f"JSON nested deeper than {DEPTH}")
    decoder = _with_large if _large(data) else _without_large
    return decoder.decode(data.decode("utf-8"))


def _deep(data: bytes) -> bool:
    """Whether it is nested too deep, without recursion; brackets inside strings do not count."""
    if data.count(b"[") + data.count(b"{") <= DEPTH:
        return False
    depth = 0
    pieces = data.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    for piece in pieces[::2]:
        for bracket in piece.translate(None, _REST):
            if bracket in _OPEN:
                depth += 1
                if depth > DEPTH:
                    return True
            else:
                depth -= 1
    return False


def _large(data: bytes) -> bool:
    """Whether a number may be too large: it is long, or has an exponent of three digits."""
    shape = data.translate(_SHAPE, b"+")
    return b"0" * INTEGER_DIGITS in shape or b"e000" in shape


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


_without_large = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
_with_large = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer, parse_float=_float
)
