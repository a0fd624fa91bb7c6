"""Tensors in nested lists, and their bytes. In the worker; torch is imported where it is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any


def leaves(value: Any) -> list[Any]:
    """What is nested in lists, tuples and dicts, in order."""
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in leaves(item)]
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    return [value]


def paths(value: Any) -> list[tuple[str, Any]]:
    """The same, each with where it is: "", "[1]", "['h'][0]"."""
    if isinstance(value, list | tuple):
        nested = [(f"[{place}]", item) for place, item in enumerate(value)]
    elif isinstance(value, dict):
        nested = [(f"[{key!r}]", value[key]) for key in value]
    else:
        return [("", value)]
    return [(place + path, leaf) for place, item in nested for path, leaf in paths(item)]


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """The same nesting with every leaf changed."""
    if isinstance(value, list):
        return [mapped(item, change) for item in value]
    if isinstance(value, tuple):
        items = [mapped(item, change) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, dict):
        return {key: mapped(item, change) for key, item in value.items()}
    return change(value)


def form(value: Any) -> str:
    """How leaves are nested: "tensor", "(tensor, tensor)"."""
    if isinstance(value, list | tuple):
        return f"({', '.join(form(item) for item in value)})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {form(value[key])}" for key in value) + "}"
    return kind(value)


def kind(value: Any) -> str:
    """What a leaf is: "tensor", "sparse_coo tensor", "int", "None"."""
    import torch  # noqa: PLC0415

    if not is_tensor(value):
        return "None" if value is None else type(value).__name__
    if value.is_nested or value.is_quantized:
        return "nested tensor" if value.is_nested else "quantized tensor"
    layout = str(value.layout).removeprefix("torch.")
    return "tensor" if value.layout is torch.strided else f"{layout} tensor"


def oddities(values: Sequence[Any]) -> list[str]:
    """What those are called that are no plain tensors."""
    import torch  # noqa: PLC0415

    plain = torch.Tensor, torch.nn.Parameter
    names = [kind(value) for value in values]
    return [
        name if name != "tensor" else type(value).__name__
        for name, value in zip(names, values, strict=True)
        if name != "tensor" or type(value) not in plain
    ]


def is_tensor(value: Any) -> bool:
    import torch  # noqa: PLC0415

    return isinstance(value, torch.Tensor)


def copies(flat: Sequence[Any]) -> list[Any]:
    """Of all tensors among them."""
    return [v.clone() if is_tensor(v) else v for v in flat]


def different(before: Sequence[Any], after: Sequence[Any]) -> list[int]:
    """Places of the tensors that are not what they were, bit by bit."""
    import torch  # noqa: PLC0415

    return [
        i for i, (b, a) in enumerate(zip(before, after, strict=True))
        if is_tensor(a) and not torch.equal(octets(a), octets(b))
    ]  # fmt: skip


def octets(tensor: Any) -> Any:
    """Its elements in row-major order as one tensor of bytes, in the same memory where they lie
    so."""
    import torch  # noqa: PLC0415

    flat = tensor.detach().resolve_conj().resolve_neg().contiguous().reshape(-1)
    return flat.view(torch.uint8) if flat.numel() else flat.new_empty(0, dtype=torch.uint8)


def described(tensor: Any) -> dict[str, Any]:
    """Shape, dtype and strides as JSON."""
    return {
        "shape": list(tensor.shape),
        "dtype": str(tensor.dtype).removeprefix("torch."),
        "strides": list(tensor.stride()),
    }


def overlapping(tensors: Sequence[Any]) -> bool:
    """Whether two of them share memory; not those that lie in each other's gaps."""
    spans = sorted(_span(tensor) for tensor in tensors if tensor.numel())
    return any(
        start == before or (start < end and filled and full)
        for (before, end, filled), (start, _, full) in pairwise(spans)
    )


def storages(tensors: Sequence[Any]) -> set[int]:
    """Addresses of their memory; of what is no tensor there is none."""
    return {v.untyped_storage().data_ptr() for v in tensors if is_tensor(v) and v.numel()}


def spacious(tensors: Sequence[Any]) -> bool:
    """Whether they hold on to far more memory than their elements take, as a part of a larger one
    does."""
    held = sum(v.untyped_storage().nbytes() for v in tensors)
    return bool(held > 2 * sum(v.numel() * v.element_size() for v in tensors))


def _span(tensor: Any) -> tuple[int, int, bool]:
    """Where it begins and ends, and whether its elements take all of that."""
    start, width = tensor.data_ptr(), tensor.element_size()
    steps = zip(tensor.shape, tensor.stride(), strict=True)
    size = width * (1 + sum((n - 1) * step for n, step in steps))
    return start, start + size, size == width * tensor.numel()


def poison(specs: Sequence[dict[str, Any]], device: Any) -> None:
    """Leaves memory of these sizes behind that is full of NaN, for the next allocation."""
    import torch  # noqa: PLC0415

    made = []
    for spec in specs:
        tensor = torch.empty(spec["shape"], dtype=getattr(torch, spec["dtype"]), device="cpu")
        tensor = tensor.to(device) if device.type != "cpu" else tensor
        tensor.fill_(float("nan") if tensor.is_floating_point() else 77)
        made.append(tensor)
    made.clear()


def raw(tensor: Any) -> memoryview:
    """The elements in row-major order, as they lie in memory; where they do, without a copy."""
    return memoryview(octets(tensor.detach().to("cpu")).numpy())
