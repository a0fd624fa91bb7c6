"""Handlers for conversations: what a worker, or a candidate in it, may do between messages."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

AT_IMPORT = dict(os.environ)
_SEEN: list[bytes] = []


def remember(message: bytes) -> bytes:
    """How many messages this process has had."""
    _SEEN.append(message)
    return str(len(_SEEN)).encode()


def echo(message: bytes) -> bytes:
    return message


def run(message: bytes) -> bytes:
    """Runs a script in one namespace for all messages; answers what it leaves in `out`."""
    asked = json.loads(message)
    _NAMES.update(asked, out=None)
    exec(asked["script"], _NAMES)
    return json.dumps(_NAMES["out"]).encode()


_NAMES: dict[str, object] = {}
HANDLERS: tuple[Callable[[bytes], bytes], ...] = (remember, echo, run)
