"""A digest made on a device is that of the bytes fetched from it, and of no others."""

from __future__ import annotations

import pytest
import torch

from kernelgepa.measured import digest
from kernelgepa.measured.tensors import raw

SHAPES = [(0,), (1,), (3,), (1023,), (1024,), (1025, 3), (7, 5, 11)]
DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int8, torch.bool]


def drawn(shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randint(0, 100, shape).to(dtype)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_both_sides_find_the_same(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    for tensor in (drawn(shape, dtype), drawn((2, *shape), dtype).transpose(0, -1)):
        assert digest.lanes_of([tensor, tensor]) == 2 * [digest.lanes(raw(tensor))]


def test_any_bit_and_any_order_makes_another() -> None:
    tensor = drawn((3000,), torch.float32)
    seen = set(digest.lanes_of([tensor, tensor.flip(0)]))
    for place in range(0, 3000, 7):
        other = tensor.clone().view(torch.int32)
        other[place] ^= 1 << (place % 32)
        seen.update(digest.lanes_of([other]))
    swapped = tensor.clone()
    swapped[0], swapped[1024] = tensor[1024] + 1, tensor[0]  # two of one lane
    assert len(seen | set(digest.lanes_of([swapped]))) == 2 + 429 + 1


def test_each_kind_of_device_has_its_digest() -> None:
    tensors = [drawn((5,), torch.float32), drawn((2, 2), torch.int8)]
    for on_cpu in (True, False):
        said = digest.of_calls([tensors, tensors[:1], tensors], on_cpu)
        assert said[0] == said[2] == digest.of_bytes(map(raw, tensors), on_cpu)
        assert said[1] == digest.of_bytes([raw(tensors[0])], on_cpu)
        assert set(said).isdisjoint(digest.of_calls([tensors, tensors[:1]], not on_cpu))
