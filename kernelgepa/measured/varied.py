"""Other values for inputs that are the same in every set, such as a mask or a table. In the worker.

What a kernel makes of them once, or takes for known, would be right for all its calls. Each set
gets values of its own instead, made of those that there are, where the reference takes them
(soundness.py): the same numbers at other places, or, where all are one, numbers around it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

from kernelgepa.measured.drawing import unrepeated
from kernelgepa.measured.tensors import mapped

OF_UNIFORM = ("around", "scaled", "some")  # ways where all numbers are one
_KEPT = 0.75  # share of a mask without a pattern that stays as it is


def ways(sets: Sequence[Sequence[Any]]) -> list[tuple[int, list[str]]]:
    """By place, how tensors could vary that are the same in all of several sets; first what leaves
    rows, columns and what lies on a diagonal together."""
    import torch  # noqa: PLC0415

    first, *others = sets
    found = []
    for place, one in enumerate(first):
        if not others or not isinstance(one, torch.Tensor) or one.numel() < 2:
            continue
        if all(torch.equal(one, other[place]) for other in others):
            found.append((place, _ways(unrepeated(one, one))))
    return [(place, known) for place, known in found if known]


def varied(given: Any, how: Mapping[int, str], seed: int) -> Any:
    """A set of inputs with other tensors at those places."""
    import torch  # noqa: PLC0415

    places, made = count(), dict[int, Any]()

    def one(value: Any) -> Any:
        place = next(places)
        if place not in how:
            return value
        if id(value) not in made:  # what is given twice stays one
            generator = torch.Generator().manual_seed((seed + 7919 * place) % (1 << 63))
            other = _WAYS[how[place]](unrepeated(value, value), generator)
            made[id(value)] = other.expand(value.shape)
        return made[id(value)]

    return mapped(given, one) if how else given


def _ways(tensor: Any) -> list[str]:
    import torch  # noqa: PLC0415

    if (tensor == tensor.reshape(-1)[0]).all():
        if tensor.dtype.is_floating_point and bool(tensor.isfinite().all()):
            return ["around", "scaled"]
        return ["some"] if tensor.dtype == torch.bool else []
    square = tensor.ndim >= 2 and tensor.shape[-1] == tensor.shape[-2]
    axes = [name for name, axis in (("columns", -1), ("rows", 0)) if tensor.shape[axis] > 1]
    return (["both"] if square else []) + (axes[:1] if tensor.ndim == 1 else axes)


def _places(count: int, generator: Any, tensor: Any) -> Any:
    import torch  # noqa: PLC0415

    return torch.randperm(count, generator=generator).to(tensor.device)


def _both(tensor: Any, generator: Any) -> Any:
    order = _places(tensor.shape[-1], generator, tensor)
    return tensor.index_select(-1, order).index_select(-2, order)


def _columns(tensor: Any, generator: Any) -> Any:
    return tensor.index_select(-1, _places(tensor.shape[-1], generator, tensor))


def _rows(tensor: Any, generator: Any) -> Any:
    return tensor.index_select(0, _places(tensor.shape[0], generator, tensor))


def _uniform(tensor: Any, generator: Any) -> Any:
    import torch  # noqa: PLC0415

    return torch.rand(tensor.shape, generator=generator).to(tensor.device)


def _around(tensor: Any, generator: Any) -> Any:
    return tensor + (_uniform(tensor, generator) - 0.5).to(tensor.dtype)


def _scaled(tensor: Any, generator: Any) -> Any:
    return tensor * (_uniform(tensor, generator) + 0.5).to(tensor.dtype)


def _some(tensor: Any, generator: Any) -> Any:
    return tensor ^ (_uniform(tensor, generator) > _KEPT)


_WAYS: Mapping[str, Callable[[Any, Any], Any]] = {
    "both": _both, "columns": _columns, "rows": _rows, "around": _around, "scaled": _scaled,
    "some": _some,
}  # fmt: skip
