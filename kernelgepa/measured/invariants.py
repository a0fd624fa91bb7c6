"""What every set of inputs has in common, and a mixture of them may lose. In the worker.

A kernel may rely on what inputs are: a symmetric matrix, sorted offsets, a permutation, rows that
sum to one. Element by element a mixture of two of them is something else, though the reference
makes numbers of it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

from kernelgepa.measured.tensors import is_tensor

_NEAR = 1e-3  # of one; rounding to half precision leaves more
_NEAR_HALF = 2e-2


def kept(
    sets: Sequence[Sequence[Any]], given: Iterable[Sequence[Any]], uniform: Container[int] = ()
) -> bool:
    """Whether values, given again and again, have what those at their place have in all sets.

    `uniform`: places where all numbers were one, which is no order.
    """
    shared = [
        (place, holds)
        for place, tensor in enumerate(sets[0])
        if is_tensor(tensor) and tensor.numel()
        if not (tensor.is_floating_point() and tensor.element_size() < 2)  # torch compares none
        for holds in ((_shares,) if place in uniform else _INVARIANTS)
        if all(holds(each[place]) for each in sets)
    ]
    return not shared or all(holds(one[place]) for one in given for place, holds in shared)


def _symmetric(tensor: Any) -> bool:
    import torch  # noqa: PLC0415

    square = tensor.ndim >= 2 and tensor.shape[-1] == tensor.shape[-2] > 1
    return bool(square and torch.equal(tensor, tensor.mT))


def _hermitian(tensor: Any) -> bool:
    import torch  # noqa: PLC0415

    square = tensor.ndim >= 2 and tensor.shape[-1] == tensor.shape[-2] > 1
    return bool(square and tensor.is_complex() and torch.equal(tensor, tensor.mH))


def _ascending(tensor: Any) -> bool:
    return _row(tensor) and bool((tensor[..., 1:] >= tensor[..., :-1]).all())


def _descending(tensor: Any) -> bool:
    return _row(tensor) and bool((tensor[..., 1:] <= tensor[..., :-1]).all())


def _row(tensor: Any) -> bool:
    """Whether there is an order of several in a row."""
    return bool(tensor.ndim >= 1 and tensor.shape[-1] > 2 and not tensor.is_complex())


def _distinct(tensor: Any) -> bool:
    """Whole numbers, none of them twice in a row: a permutation, places to write to."""
    import torch  # noqa: PLC0415

    if not _row(tensor) or tensor.is_floating_point() or tensor.dtype == torch.bool:
        return False
    ordered = tensor.sort(dim=-1).values
    return bool((ordered[..., 1:] != ordered[..., :-1]).all())


def _shares(tensor: Any) -> bool:
    """Rows, or channels, of numbers that sum to one and are not negative: probabilities, one-hot
    targets."""
    import torch  # noqa: PLC0415

    if not _row(tensor) or bool((tensor < 0).any()):
        return False
    near = _NEAR_HALF if tensor.is_floating_point() and tensor.element_size() < 4 else _NEAR
    axes = {tensor.ndim - 1, min(1, tensor.ndim - 1)}
    sums = (tensor.sum(dim=axis, dtype=torch.float32) for axis in axes)
    return any(float((one - 1.0).abs().max()) <= near for one in sums)


_INVARIANTS: tuple[Callable[[Any], bool], ...] = (
    _symmetric, _hermitian, _ascending, _descending, _distinct, _shares,
)  # fmt: skip
