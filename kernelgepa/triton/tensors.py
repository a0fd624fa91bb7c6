"""What a launch specification sees of tensors and modules of torch. In a worker."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from kernelgepa.launch import LaunchError, Value
from kernelgepa.launch.plan import contiguous
from kernelgepa.measured.contract import TensorSpec

SELF = "self"


def spec_of(tensor: Any, packed: bool = False) -> TensorSpec:
    """`packed`: as it will be once it is made contiguous."""
    shape = tuple(map(int, tensor.shape))
    strides = contiguous(shape) if packed else tuple(map(int, tensor.stride()))
    return TensorSpec(shape, str(tensor.dtype).removeprefix("torch."), strides)


def value_of(given: Any, packed: bool) -> Value:
    """A value of torch or Python as an expression sees it. Raises LookupError for others."""
    import torch  # noqa: PLC0415

    if isinstance(given, torch.Tensor):
        return spec_of(given, packed)
    if given is None or isinstance(given, bool | int | float | str):
        return given
    if isinstance(given, list | tuple):
        return tuple(value_of(one, packed) for one in given)
    if isinstance(given, torch.nn.Module):
        return Seen(given, packed)
    raise LookupError(type(given).__name__)


class Seen:
    """A module whose attributes expressions may name."""

    def __init__(self, module: Any, packed: bool) -> None:
        self._module, self._packed = module, packed

    def attribute(self, name: str) -> Value:
        if name.startswith("_") or not hasattr(self._module, name):
            raise LookupError(name)
        return value_of(getattr(self._module, name), self._packed)

    def item(self, index: int) -> Value:
        import torch  # noqa: PLC0415

        listed = isinstance(self._module, torch.nn.Sequential | torch.nn.ModuleList)
        if not listed or not -len(self._module) <= index < len(self._module):
            raise LookupError(index)
        return value_of(self._module[index], self._packed)


def values(inputs: Mapping[str, Any], packed: bool) -> Mapping[str, Value]:
    """Of forward's arguments; those that expressions cannot name are left out."""
    found: dict[str, Value] = {}
    for name, given in inputs.items():
        try:
            found[name] = value_of(given, packed)
        except LookupError:
            continue
    return found


def at(path: Sequence[str | int], names: Mapping[str, Any]) -> Any:
    """The tensor that a path names. Raises LaunchError."""
    found = names[str(path[0])]
    for step in path[1:]:
        found = found[step] if isinstance(step, int) else getattr(found, step)
    if found is not None and not hasattr(found, "dtype"):
        raise LaunchError(f"args: {'.'.join(map(str, path))} is no tensor")
    return found


class Described:
    """What a rule of @triton.heuristics may know of a tensor; nothing can be computed with it."""

    def __init__(self, spec: TensorSpec, address: int) -> None:
        import torch  # noqa: PLC0415

        self.shape, self._strides = spec.shape, spec.strides
        self.dtype = getattr(torch, spec.dtype)
        self._address = address

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def dim(self) -> int:
        return len(self.shape)

    def numel(self) -> int:
        return math.prod(self.shape)

    def size(self, axis: int) -> int:
        return self.shape[axis]

    def stride(self, axis: int) -> int:
        return self._strides[axis]

    def data_ptr(self) -> int:
        return self._address

    def element_size(self) -> int:
        return int(self.dtype.itemsize)

    def is_contiguous(self) -> bool:
        return self._strides == contiguous(self.shape)
