"""Tensors and modules of torch as a launch specification sees them. In the worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernelgepa.launch import Value
from kernelgepa.measured.contract import TensorSpec


def spec_of(tensor: Any) -> TensorSpec:
    """Shape, dtype and strides of a tensor of torch."""
    return TensorSpec(
        tuple(map(int, tensor.shape)),
        str(tensor.dtype).removeprefix("torch."),
        tuple(map(int, tensor.stride())),
    )


class Module:
    """Attributes of a module: tensors, numbers, modules and sequences of them; nothing else."""

    def __init__(self, module: Any, contiguous: bool) -> None:
        self._module, self._contiguous = module, contiguous

    def attribute(self, name: str) -> Value:
        """Raises LookupError."""
        if name.startswith("__"):
            raise KeyError(name)
        try:
            return value_of(getattr(self._module, name), self._contiguous)
        except AttributeError as error:
            raise KeyError(name) from error

    def item(self, index: int) -> Value:
        """Raises LookupError."""
        try:
            return value_of(self._module[index], self._contiguous)
        except TypeError as error:
            raise KeyError(index) from error


def value_of(given: Any, contiguous: bool) -> Value:
    """What an expression may use. Raises KeyError for anything else."""
    import torch  # noqa: PLC0415

    if isinstance(given, torch.Tensor):
        return spec_of(given.contiguous() if contiguous else given)
    if given is None or isinstance(given, bool | int | float | str):
        return given
    if isinstance(given, torch.nn.Module):
        return Module(given, contiguous)
    if isinstance(given, list | tuple):
        return tuple(value_of(v, contiguous) for v in given)
    raise KeyError(type(given).__name__)


def at(root: Any, path: Sequence[str | int]) -> Any:
    """What a path names: attributes by name, elements by number."""
    for step in path:
        root = root[step] if isinstance(step, int) else getattr(root, step)
    return root


def key_of(given: Any) -> Any:
    """What two inputs have in common that are launched alike; hashable."""
    import torch  # noqa: PLC0415

    if isinstance(given, torch.Tensor):
        return given.shape, given.dtype, given.stride()
    if isinstance(given, list | tuple):
        return tuple(map(key_of, given))
    return type(given), given if isinstance(given, bool | int | float | str) else None
