"""What a worker says of all outputs of a timed block, so that none can be made up later.

On the CPU that is a SHA-256 of their bytes. From a GPU they would first have to be fetched, which
takes far longer than a short call, and hides what else a candidate does meanwhile: there all words
are mixed with their places and summed in lanes, and only the lanes are fetched and hashed.
The words of fetched outputs are mixed alike by the judge.

On the CPU what a call is given is summed before it, too, and depends on the hash of the outputs
before, so that a candidate can neither compute the calls of a run together nor fill only what it
reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from kernelgepa.measured.tensors import octets, raw

LANES = 1024
_AT_ONCE = 64 << 20  # bytes of tensors that are mixed together
_PLACE, _FIRST, _SECOND = -1640531535, -2048144777, -1028477379  # odd, of 32 bits


def of_calls(calls: Sequence[Sequence[Any]], on_cpu: bool) -> list[str]:
    """In the worker, of each call's tensors. `on_cpu`: modules run there, wherever these lie."""
    if on_cpu:
        return [_hashed(map(raw, tensors)) for tensors in calls]
    every = [tensor for tensors in calls for tensor in tensors]
    made = iter(lanes_of(every))
    return [_hashed(next(made) for _ in tensors) for tensors in calls]


def of_inputs(tensors: Iterable[Any]) -> int:
    """In the worker, on a CPU: a sum of all words of what a call is given. Who fills less than all
    of it does not know the sum."""
    import torch  # noqa: PLC0415

    found = 0
    for tensor in tensors:
        data = octets(tensor)
        words = len(data) // 8 * 8
        found = found * _PLACE + int(data[:words].view(torch.int64).sum())
        if words < len(data):
            found += int(data[words:].sum(dtype=torch.int64))
    return found % (1 << 48)


def of_bytes(outputs: Iterable[bytes | memoryview], on_cpu: bool) -> str:
    """Of outputs that were fetched."""
    return _hashed(outputs if on_cpu else map(lanes, outputs))


def _hashed(parts: Iterable[bytes | memoryview]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()


def moved(place: int, earlier: str) -> int:
    """Where the mixture of a call begins that follows one with outputs of that hash: nobody knows
    its inputs before those are there."""
    return place ^ int(earlier[:8], 16) if earlier else place


def lanes_of(tensors: Sequence[Any]) -> list[bytes]:
    """The lanes of tensors, made where they lie; of several that are alike at once."""
    made: list[bytes] = []
    for start, count in _alike(tensors):
        made += _lanes_of(tensors[start : start + count])
    return made


def _alike(tensors: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Start and length of stretches of one size and device, not much memory in all."""
    start = 0
    while start < len(tensors):
        kind = _kind(tensors[start])
        most = max(1, _AT_ONCE // max(1, kind[0]))
        end = start + 1
        while end < min(len(tensors), start + most) and _kind(tensors[end]) == kind:
            end += 1
        yield start, end - start
        start = end


def _kind(tensor: Any) -> tuple[int, Any]:
    return tensor.numel() * tensor.element_size(), tensor.device


def _lanes_of(tensors: Sequence[Any]) -> list[bytes]:
    import torch  # noqa: PLC0415

    rows = [octets(tensor) for tensor in tensors]
    data = torch.stack(rows) if len(rows) > 1 else rows[0].unsqueeze(0)
    count, size = data.shape
    if not size:
        return [bytes(8 * LANES)] * len(rows)
    words = torch.nn.functional.pad(data, (0, -size % 4)).view(torch.int32)
    mixed = torch.arange(words.shape[1], dtype=torch.int32, device=words.device).mul_(_PLACE)
    mixed = mixed.bitwise_xor(words)
    mixed.bitwise_xor_(mixed >> 15).mul_(_FIRST)
    mixed.bitwise_xor_(mixed >> 13).mul_(_SECOND)
    mixed.bitwise_xor_(mixed >> 16)
    rows_of = torch.nn.functional.pad(mixed, (0, -words.shape[1] % LANES)).view(count, -1, LANES)
    return [bytes(row.tobytes()) for row in rows_of.sum(1, dtype=torch.int64).cpu().numpy()]


def lanes(data: bytes | memoryview) -> bytes:
    """The same of bytes."""
    words = np.frombuffer(bytes(data) + bytes(-len(data) % 4), dtype=np.int32)
    mixed = np.arange(words.size, dtype=np.int32)
    mixed *= np.int32(_PLACE)
    mixed ^= words
    mixed ^= mixed >> 15
    mixed *= np.int32(_FIRST)
    mixed ^= mixed >> 13
    mixed *= np.int32(_SECOND)
    mixed ^= mixed >> 16
    rows = np.pad(mixed, (0, -mixed.size % LANES)).reshape(-1, LANES)
    return bytes(rows.sum(0, dtype=np.int64).tobytes())
