"""Triton's interpreter, made strict: every address is checked, nothing is benchmarked.

Only ever for correctness. In a worker whose environment says TRITON_INTERPRET=1.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kernelgepa.errors import InfrastructureError
from kernelgepa.triton import libdevice
from kernelgepa.triton.module import line_of

VARIABLE = "TRITON_INTERPRET"
_NEAR = 1 << 16  # bytes from a tensor, beyond which an address says nothing of it


class OutOfBounds(RuntimeError):
    """A kernel reads or writes outside of every tensor it was given."""


@dataclass(frozen=True)
class Extent:
    """The bytes of a tensor: addresses from `first` up to `end`."""

    name: str
    first: int
    end: int
    item: int


def prepare(interpret: bool) -> None:
    """Raises InfrastructureError where triton was loaded for the other way of running."""
    if interpret and "triton" not in sys.modules:
        os.environ[VARIABLE] = "1"
    import triton.language as tl  # noqa: PLC0415
    from triton.runtime.interpreter import InterpretedFunction  # noqa: PLC0415

    loaded = isinstance(tl.sum, InterpretedFunction)
    if loaded is not interpret:
        what = "without" if interpret else "with"
        raise InfrastructureError(f"this worker has imported triton {what} {VARIABLE}=1")
    if interpret:
        os.environ[VARIABLE] = "1"  # read again at each @triton.jit
        _install()


class _Checked:
    """Stands in for the interpreter's own memory functions."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.extents: tuple[Extent, ...] = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def load(self, ptr: Any, mask: Any, other: Any, dtype: Any) -> Any:
        self._check(ptr, mask, dtype.itemsize, "reads")
        return self._inner.load(ptr, mask, other, dtype)

    def store(self, ptr: Any, value: Any, mask: Any) -> Any:
        self._check(ptr, mask, value.dtype.itemsize, "writes")
        return self._inner.store(ptr, value, mask)

    def atomic_rmw(self, op: Any, ptr: Any, value: Any, mask: Any, sem: Any) -> Any:
        self._check(ptr, mask, value.dtype.itemsize, "writes")
        return self._inner.atomic_rmw(op, ptr, value, mask, sem)

    def atomic_cas(self, ptr: Any, compare: Any, value: Any, sem: Any) -> Any:
        self._check(ptr, None, value.dtype.itemsize, "writes")
        return self._inner.atomic_cas(ptr, compare, value, sem)

    def _check(self, ptr: Any, mask: Any, item: int, verb: str) -> None:
        import numpy as np  # noqa: PLC0415

        places = np.asarray(ptr, dtype=np.uint64).ravel()
        if mask is not None:
            kept = np.broadcast_to(np.asarray(mask, dtype=bool), np.shape(ptr)).ravel()
            places = places[kept]
        if not places.size:
            return
        low, high = int(places.min()), int(places.max()) + item
        if any(e.first <= low and high <= e.end for e in self.extents):
            return
        inside = np.zeros(places.shape, dtype=bool)
        for extent in self.extents:
            if extent.end - extent.first >= item:
                inside |= (places >= extent.first) & (places <= extent.end - item)
        if not inside.all():
            raise OutOfBounds(self._said(places, inside, item, verb))

    def _said(self, places: Any, inside: Any, item: int, verb: str) -> str:
        outside = places[~inside]
        worst = int(outside[0])
        near = min(
            self.extents, key=lambda e: max(e.first - worst, worst - e.end, 0), default=None
        )  # fmt: skip
        text = f"{verb} outside of its tensors: {outside.size} of {places.size} elements"
        if near is None:
            return text
        size = near.end - near.first
        if max(near.first - worst, worst - near.end) > max(_NEAR, 8 * size):
            return f"{text}, far from each of them; is an index wrong, or a mask missing?"
        index = (worst - near.first) // near.item
        count = size // near.item
        return (
            f"{text}, the first is element {index} of {near.name}, which has {count}; "
            "is a mask missing?"
        )


@contextmanager
def checking(tensors: Mapping[str, Any]) -> Iterator[None]:
    """While a kernel runs: it may only touch these tensors."""
    checked = _install()
    before, checked.extents = checked.extents, tuple(_extents(tensors.items()))
    try:
        yield
    finally:
        checked.extents = before


def _extents(tensors: Iterable[tuple[str, Any]]) -> Iterator[Extent]:
    for name, tensor in tensors:
        item, first = tensor.element_size(), tensor.data_ptr()
        steps = zip(tensor.shape, tensor.stride(), strict=True)
        last = sum((size - 1) * stride for size, stride in steps) if tensor.numel() else -1
        yield Extent(name, first, first + (last + 1) * item, item)


def _install() -> _Checked:
    from triton.runtime import interpreter  # noqa: PLC0415

    found: Any = interpreter._interpreter
    if isinstance(found, _Checked):
        return found
    made = _Checked(found)
    interpreter._interpreter = made
    interpreter.ASTTransformer.visit_Assign = _visit_assign
    patch = interpreter._patch_lang_tensor

    def patched(tensor: Any, *scope: Any) -> None:
        patch(tensor, *scope)  # up to 3.6 its __index__ fails with numpy 2.4
        tensor.__index__ = lambda self: int(self.handle.data.item())

    interpreter._patch_lang_tensor = patched
    libdevice.install()
    return made


def _visit_assign(self: Any, node: Any) -> Any:
    """As the interpreter's own, which refuses `a = b = value`, though Triton compiles it."""
    import ast  # noqa: PLC0415

    for target in node.targets:
        self.visit(target)
    convert = ast.Attribute(
        value=ast.Name(id="interpreter_semantic", ctx=ast.Load()), attr="to_tensor", ctx=ast.Load()
    )
    arguments = [self.visit(node.value), ast.Constant(value=False)]
    node.value = ast.Call(func=convert, args=arguments, keywords=[])
    return node


def fault(error: BaseException) -> tuple[BaseException, int | None]:
    """What a kernel really raised, below the interpreter's own wrappings, and in which line."""
    line = line_of(error)
    while error.__cause__ is not None:
        error = error.__cause__
        line = line_of(error) or line
    return error, line
