"""Shapes that torch's factories and methods give, as far as inputs of problems need them.

Source: torch's documented signatures. What is not listed is not known, never guessed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from kernelgepa.kernelbench.values import DTYPES, Known, Many, Tensor, Value, dimension, shape

Keywords = Mapping[str, Value]
FACTORIES = frozenset({"rand", "randn", "zeros", "ones", "empty"})
_LIKE = frozenset({"rand_like", "randn_like", "zeros_like", "ones_like", "empty_like"})
# Methods and functions of the same name whose result has the argument's shape and type.
_SAME = frozenset({
    "abs", "bernoulli", "ceil", "clamp", "clip", "clone", "contiguous", "cos", "cpu", "cuda",
    "cumsum", "detach", "exp", "flip", "floor", "log", "log_softmax", "mul", "add", "sub", "div",
    "neg", "normalize", "pin_memory", "relu", "requires_grad_", "round", "sigmoid", "sign", "sin",
    "softmax", "sort_", "sqrt", "square", "tanh", "tril", "triu", "uniform_", "normal_", "fill_",
    "zero_", "mul_", "add_", "clamp_", "abs_", "masked_fill",
})  # fmt: skip


def dtype_of(value: Value) -> str | None:
    """The element type that `torch.NAME` stands for."""
    if isinstance(value, Known) and isinstance(value.value, str):
        return DTYPES.get(value.value.removeprefix("torch."))
    return None


def function(name: str, args: tuple[Value, ...], keys: Keywords) -> Value:
    """The result of `torch.NAME(...)` or `torch.nn.functional.NAME(...)`."""
    if name in FACTORIES:
        return _made(shape(args) if args else _size(keys), keys, "float32")
    if name == "full":
        fill = args[1] if len(args) > 1 else keys.get("fill_value")
        whole = isinstance(fill, Known) and isinstance(fill.value, int)
        flag = isinstance(fill, Known) and isinstance(fill.value, bool)
        return _made(
            shape(args[:1]) if args else _size(keys),
            keys,
            "bool" if flag else "int64" if whole else "float32",
        )
    if name == "randint":
        places = [a for a in (*args, *keys.values()) if isinstance(a, Many)]
        return _made(shape((places[0],)) if places else None, keys, "int64")
    if name in ("randperm", "eye"):
        sides = shape(args)
        if sides is None or not 1 <= len(sides) <= 2:
            return None
        twice = sides if len(sides) == 2 else sides * 2
        return _made(twice if name == "eye" else sides[:1], keys, _plain(name))
    if name == "arange":
        return _arange(args, keys)
    if name == "linspace":
        return _made(shape(args[2:3]) if len(args) > 2 else None, keys, "float32")
    if name == "tensor":
        return _tensor(args[0] if args else None, keys)
    if name in ("stack", "cat", "concat"):
        return _together(name, args, keys)
    if args and isinstance(args[0], Tensor):
        if name in _LIKE:
            return _made(args[0].shape, keys, args[0].dtype)
        return method(args[0], name, args[1:], keys)
    return None


def sampled(args: tuple[Value, ...]) -> Value:
    """What a distribution with plain numbers as parameters gives for a shape."""
    dims = shape(args) if len(args) == 1 and isinstance(args[0], Many) else None
    return None if dims is None else Tensor(dims, "float32")


def _plain(name: str) -> str:
    return "int64" if name == "randperm" else "float32"


def method(tensor: Tensor, name: str, args: tuple[Value, ...], keys: Keywords) -> Value:
    """The result of `tensor.NAME(...)`."""
    if name in _SAME:
        return tensor
    if name in DTYPES and not args and not keys:
        return Tensor(tensor.shape, DTYPES[name])
    if name in ("to", "type"):
        kinds = [d for d in map(dtype_of, (*args, *keys.values())) if d]
        return Tensor(tensor.shape, kinds[0]) if kinds else tensor
    if name in ("view", "reshape"):
        return _reshaped(tensor, args)
    if name in ("expand", "repeat"):
        return _repeated(tensor, args, name == "expand")
    if name == "size":
        axis = _axis(args[0], len(tensor.shape)) if args else None
        return Many(tensor.shape) if not args else None if axis is None else tensor.shape[axis]
    if name == "t" and len(tensor.shape) == 2:
        return Tensor(tensor.shape[::-1], tensor.dtype)
    if name in ("transpose", "swapaxes") and len(args) == 2:
        return _swapped(tensor, args)
    if name == "permute":
        return _permuted(tensor, args)
    if name == "unsqueeze":
        axis = _axis(args[0] if args else keys.get("dim"), len(tensor.shape) + 1)
        dims = tensor.shape
        return (
            None if axis is None else Tensor((*dims[:axis], Known(1), *dims[axis:]), tensor.dtype)
        )
    if name in ("argmax", "argmin"):
        return _dropped(tensor, args[0] if args else keys.get("dim"), "int64")
    return None


def _made(dims: tuple[Known, ...] | None, keys: Keywords, dtype: str) -> Tensor | None:
    named = dtype_of(keys["dtype"]) if "dtype" in keys else dtype
    return None if dims is None or named is None else Tensor(dims, named)


def _size(keys: Keywords) -> tuple[Known, ...] | None:
    return shape((keys["size"],)) if "size" in keys else None


def _arange(args: tuple[Value, ...], keys: Keywords) -> Tensor | None:
    numbers = [a.value for a in args if isinstance(a, Known) and isinstance(a.value, int | float)]
    if not 1 <= len(args) <= 3 or len(numbers) != len(args):
        return None
    start, stop = (0, numbers[0]) if len(args) == 1 else numbers[:2]
    step = numbers[2] if len(args) == 3 else 1
    of = frozenset[str]().union(*(a.of for a in args if isinstance(a, Known)))
    if not step or not all(abs(n) < 1e15 for n in (start, stop, step)):
        return None
    whole = all(isinstance(n, int) for n in numbers)
    count = Known(max(0, math.ceil((stop - start) / step)), of)
    return _made((count,), keys, "int64" if whole else "float32")


def _tensor(value: Value, keys: Keywords) -> Tensor | None:
    """`torch.tensor` of numbers and nested sequences of them."""
    dims, inner = list[Known](), value
    while isinstance(inner, Many) and inner.items:
        dims.append(Known(len(inner.items)))
        inner = inner.items[0]
    if not isinstance(inner, Known):
        return None
    kinds = {bool: "bool", int: "int64", float: "float32"}
    kind = kinds.get(type(inner.value))
    return None if kind is None else _made(tuple(dims), keys, kind)


def _together(name: str, args: tuple[Value, ...], keys: Keywords) -> Tensor | None:
    parts = args[0].items if args and isinstance(args[0], Many) else ()
    tensors = [p for p in parts if isinstance(p, Tensor)]
    if not tensors or len(tensors) != len(parts):
        return None
    first, extra = tensors[0], int(name == "stack")
    given = args[1] if len(args) > 1 else keys.get("dim", Known(0))
    axis = _axis(given, len(first.shape) + extra)
    if axis is None or any(len(t.shape) != len(first.shape) for t in tensors):
        return None
    if extra:
        count = Known(len(tensors))
        return Tensor((*first.shape[:axis], count, *first.shape[axis:]), first.dtype)
    along = [t.shape[axis] for t in tensors]
    of = frozenset[str]().union(*(d.of for d in along))
    total = Known(sum(int(d.value or 0) for d in along), of)
    return Tensor((*first.shape[:axis], total, *first.shape[axis + 1 :]), first.dtype)


def _axis(value: Value, rank: int) -> int | None:
    if not isinstance(value, Known) or not isinstance(value.value, int):
        return None
    axis = value.value + rank if value.value < 0 else value.value
    return axis if 0 <= axis < rank else None


def _reshaped(tensor: Tensor, args: tuple[Value, ...]) -> Tensor | None:
    values = args[0].items if len(args) == 1 and isinstance(args[0], Many) else args
    free = [i for i, v in enumerate(values) if isinstance(v, Known) and v.value == -1]
    given = shape(tuple(v for i, v in enumerate(values) if i not in free))
    if given is None or len(free) > 1:
        return None
    total = math.prod(tensor.sizes)
    known = math.prod(int(d.value or 0) for d in given)
    if not free:
        return Tensor(given, tensor.dtype) if known == total else None
    if not known or total % known:
        return None
    of = frozenset[str]().union(*(d.of for d in tensor.shape))
    at = free[0]
    return Tensor((*given[:at], Known(total // known, of), *given[at:]), tensor.dtype)


def _repeated(tensor: Tensor, args: tuple[Value, ...], expand: bool) -> Tensor | None:
    values = args[0].items if len(args) == 1 and isinstance(args[0], Many) else args
    lead = len(values) - len(tensor.shape)
    if lead < 0:
        return None
    made = []
    for value, own in zip(values, (Known(1),) * lead + tensor.shape, strict=True):
        if expand and isinstance(value, Known) and value.value == -1:
            made.append(own)
            continue
        if (given := dimension(value)) is None:
            return None
        times = int(given.value or 0)
        made.append(given if expand else Known(times * int(own.value or 0), given.of | own.of))
    return Tensor(tuple(made), tensor.dtype)


def _swapped(tensor: Tensor, args: tuple[Value, ...]) -> Tensor | None:
    first, second = (_axis(a, len(tensor.shape)) for a in args)
    if first is None or second is None:
        return None
    dims = list(tensor.shape)
    dims[first], dims[second] = dims[second], dims[first]
    return Tensor(tuple(dims), tensor.dtype)


def _permuted(tensor: Tensor, args: tuple[Value, ...]) -> Tensor | None:
    values = args[0].items if len(args) == 1 and isinstance(args[0], Many) else args
    axes = [a for a in (_axis(v, len(tensor.shape)) for v in values) if a is not None]
    if sorted(axes) != list(range(len(tensor.shape))):
        return None
    return Tensor(tuple(tensor.shape[a] for a in axes), tensor.dtype)


def _dropped(tensor: Tensor, axis: Value, dtype: str) -> Tensor | None:
    at = _axis(axis, len(tensor.shape))
    if at is None:
        return None
    return Tensor(tensor.shape[:at] + tensor.shape[at + 1 :], dtype)
