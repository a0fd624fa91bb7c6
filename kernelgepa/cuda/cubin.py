"""Sizes of a kernel's parameters, read from its cubin: an ELF file for the device."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

_SECTIONS = 4096
_INFO = ".nv.info."
_SIZED = 4  # the form of an entry that carries bytes; others are four bytes in all
_PARAMETER = 0x17


def parameters(data: bytes) -> Mapping[str, tuple[int, ...]]:
    """Kernel -> bytes of each parameter, in order. What is not understood is left out."""
    try:
        return {
            name.removeprefix(_INFO): _sizes(body)
            for name, body in _sections(data)
            if name.startswith(_INFO)
        }
    except (struct.error, ValueError, IndexError):
        return {}


def _sections(data: bytes) -> Iterator[tuple[str, bytes]]:
    if data[:4] != b"\x7fELF":
        return
    (table,) = struct.unpack_from("<Q", data, 40)
    width, count, names = struct.unpack_from("<HHH", data, 58)
    heads = [
        struct.unpack_from("<IIQQQQ", data, table + i * width) for i in range(min(count, _SECTIONS))
    ]
    text = heads[names][4]
    for head in heads:
        start = text + head[0]
        name = data[start : data.index(b"\0", start)].decode("utf-8", "replace")
        yield name, data[head[4] : head[4] + head[5]]


def _sizes(body: bytes) -> tuple[int, ...]:
    """An entry is its form, its attribute and a half word; that is a length in one form."""
    found: dict[int, int] = {}
    at = 0
    while at + 4 <= len(body):
        form, attribute, value = struct.unpack_from("<BBH", body, at)
        at += 4
        if form != _SIZED:
            continue
        if attribute == _PARAMETER and value >= 12:
            ordinal, _, packed = struct.unpack_from("<HHI", body, at + 4)
            found[ordinal] = packed >> 18
        at += value
    return tuple(found[i] for i in sorted(found))
