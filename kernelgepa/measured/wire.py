"""Messages between judge and worker: a JSON head and named bytes. Never a pickle.

`!I` length of the head, the head, then the bytes of every blob in the order of head["blobs"].
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

from kernelgepa.sandbox.strict_json import loads

_SIZE = struct.Struct("!I")
HEAD_BYTES = 8 << 20


class Garbled(Exception):
    """What a worker sent is no message."""


def pack(head: Mapping[str, Any], blobs: Mapping[str, bytes | memoryview] | None = None) -> bytes:
    """A message. `head` is JSON."""
    given = blobs or {}
    sizes = [[name, len(data)] for name, data in given.items()]
    text = json.dumps({**head, "blobs": sizes}).encode()
    return b"".join([_SIZE.pack(len(text)), text, *given.values()])


def unpack(data: bytes | memoryview) -> tuple[dict[str, Any], dict[str, memoryview]]:
    """Head and blobs of a message, whoever wrote it; blobs lie in the message. Raises Garbled."""
    if len(data) < _SIZE.size:
        raise Garbled("a message without a head")
    end = _SIZE.size + _SIZE.unpack_from(data)[0]
    if end > len(data):
        raise Garbled("a message that ends in its head")
    try:
        head = loads(bytes(data[_SIZE.size : end]), max_bytes=HEAD_BYTES)
        sizes = head.pop("blobs")
        blobs, whole = dict[str, memoryview](), memoryview(data)
        for name, size in sizes:
            if not isinstance(name, str) or type(size) is not int or size < 0:
                raise Garbled("a message with a damaged head")
            if end + size > len(data):
                raise Garbled("a message that ends early")
            blobs[name] = whole[end : end + size]
            end += size
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Garbled(f"a message with a damaged head ({error})") from error
    if end != len(data):
        raise Garbled("a message with more bytes than it says")
    return head, blobs
