"""What a worker says of all outputs of a timed block, so that none can be made up later.

On the CPU that is a SHA-256 of their bytes. From a GPU they would first have to be fetched, which
takes far longer than a short call, and hides what else a candidate does meanwhile: there all words
are mixed with their places and summed in lanes, and only the lanes are fetched and hashed.
The words of fetched outputs are mixed alike by the judge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

LANES = 1024
_PLACE, _FIRST, _SECOND = -1640531535, -2048144777, -1028477379  # odd, of 32 bits


def of_tensors(tensors: Sequence[Any], on_cpu: bool) -> str:
    """In the worker. `on_cpu`: where modules run, wherever these lie."""
    from kernelgepa.measured.tensors import raw  # noqa: PLC0415

    return _hashed(map(raw if on_cpu else lanes_of, tensors))


def of_bytes(outputs: Iterable[bytes], on_cpu: bool) -> str:
    """Of outputs that were fetched."""
    return _hashed(outputs if on_cpu else map(lanes, outputs))


def _hashed(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()


def lanes_of(tensor: Any) -> bytes:
    """The lanes of a tensor, made where it lies."""
    import torch  # noqa: PLC0415

    flat = tensor.detach().resolve_conj().resolve_neg().contiguous().reshape(-1)
    data = flat.view(torch.uint8) if flat.numel() else flat.new_empty(0, dtype=torch.uint8)
    words = torch.nn.functional.pad(data, (0, -data.numel() % 4)).view(torch.int32)
    mixed = torch.arange(words.numel(), dtype=torch.int32, device=words.device)
    mixed.mul_(_PLACE).bitwise_xor_(words)
    mixed.bitwise_xor_(mixed >> 15).mul_(_FIRST)
    mixed.bitwise_xor_(mixed >> 13).mul_(_SECOND)
    mixed.bitwise_xor_(mixed >> 16)
    rows = torch.nn.functional.pad(mixed, (0, -mixed.numel() % LANES)).view(-1, LANES)
    return bytes(rows.sum(0, dtype=torch.int64).cpu().numpy().tobytes())


def lanes(data: bytes) -> bytes:
    """The same of bytes."""
    words = np.frombuffer(data + bytes(-len(data) % 4), dtype=np.int32)
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
