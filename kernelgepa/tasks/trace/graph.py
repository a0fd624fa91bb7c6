"""Runs a numpy function on stand-ins that record what is done to them.

Element types and shapes come from numpy itself: every stand-in carries an array of ones, on which
the same operation is done. Integers carry the least and greatest value they can have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from kernelgepa.tasks.arrays import Array

NODES = 800  # a graph beyond this comes of a Python loop over elements
Span = tuple[int, int]
REDUCED = {"add": "sum", "maximum": "max", "minimum": "min"}


class UntraceableError(TypeError):
    """The function does something to its arguments that no graph can hold."""


class Traced(NDArrayOperatorsMixin):
    """The result of one operation, in place of an array."""

    __slots__ = ("args", "extra", "op", "rank", "sample", "span")

    def __init__(
        self,
        op: str,
        args: tuple[Traced, ...],
        sample: Any,
        span: Span | None = None,
        extra: Any = None,
    ) -> None:
        self.op, self.args, self.extra = op, args, extra
        self.sample: Array = np.asarray(sample)
        self.rank: int = 1 + sum(a.rank for a in args)  # of the tree: at least its nodes
        if self.rank > NODES:
            raise UntraceableError("it does too many operations one by one")
        kind = self.sample.dtype.kind
        if kind == "b":
            span = (0, 1)
        elif kind in "iu":
            span = self._fits(span)
        elif kind != "f":
            raise UntraceableError(f"it makes values of type {self.sample.dtype}")
        self.span = span if kind in "biu" else None

    def _fits(self, span: Span | None) -> Span:
        info = np.iinfo(self.sample.dtype)
        full = (int(info.min), int(info.max))
        return span if span and full[0] <= span[0] and span[1] <= full[1] else full

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.sample.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.sample.shape)

    @property
    def ndim(self) -> int:
        return self.sample.ndim

    @property
    def size(self) -> int:
        return self.sample.size

    @property
    def T(self) -> Traced:
        return _transpose(self)

    def __len__(self) -> int:
        return len(self.sample)

    def __bool__(self) -> bool:
        raise UntraceableError("it decides by the values of its arguments")

    def __iter__(self) -> Any:
        raise UntraceableError("it walks through its arguments element by element")

    def __array__(self, *_: object, **__: object) -> Array:
        raise UntraceableError("it turns its arguments into arrays that cannot be followed")

    def __getitem__(self, key: Any) -> Traced:
        keys = list(key) if isinstance(key, tuple) else [key]
        if Ellipsis in [k for k in keys if not isinstance(k, Traced)] or any(
            not (k is None or isinstance(k, (int, slice))) for k in keys
        ):
            raise UntraceableError("it indexes with more than numbers and slices")
        keys += [slice(None)] * (self.ndim - sum(k is not None for k in keys))
        places: list[tuple[int, int] | int | None] = []
        sizes = iter(self.shape)
        for one in keys:
            if one is None:
                places.append(None)
            elif isinstance(one, int):
                places.append(one % next(sizes))
            else:
                start, _, step = one.indices(next(sizes))
                places.append((start, step))
        return Traced("index", (self,), self.sample[key], self.span, tuple(places))

    def astype(self, dtype: Any, **_: object) -> Traced:
        return Traced("cast", (self,), self.sample.astype(dtype), self.span)

    def sum(self, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Traced:
        return _reduce("sum", self if dtype is None else self.astype(dtype), axis, keepdims, dtype)

    def max(self, axis: Any = None, keepdims: bool = False) -> Traced:
        return _reduce("max", self, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Traced:
        return _reduce("min", self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Traced:
        wide = self.astype(np.float64) if self.dtype.kind in "biu" else self
        total = _reduce("sum", wide, axis, keepdims)
        return _traced(total / wide.dtype.type(self.size // max(total.size, 1)))

    def var(self, axis: Any = None, keepdims: bool = False) -> Traced:
        away = self - self.mean(axis, True)
        return _traced(away * away).mean(axis, keepdims)

    def std(self, axis: Any = None, keepdims: bool = False) -> Traced:
        return _traced(np.sqrt(self.var(axis, keepdims)))

    def clip(self, low: Any = None, high: Any = None) -> Traced:
        made = self if low is None else np.maximum(self, low)
        return _traced(made if high is None else np.minimum(_traced(made), high))

    def dot(self, other: Any) -> Traced:
        return _matmul(self, _traced(other))

    def copy(self) -> Traced:
        return self

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **options: Any) -> Any:
        name = ufunc.__name__
        if method == "reduce" and name in REDUCED:
            axis, keep = options.get("axis", 0), options.get("keepdims", False)
            return _reduce(REDUCED[name], _traced(args[0]), axis, keep)
        if method != "__call__" or options:
            raise UntraceableError(f"it uses np.{name} in a way that is not followed")
        if name == "matmul":
            return _matmul(_traced(args[0]), _traced(args[1]))
        with np.errstate(all="ignore"):
            sample = ufunc(*(a.sample if isinstance(a, Traced) else a for a in args))
        return Traced(name, tuple(_traced(a) for a in args), sample, _span(name, args))

    def __array_function__(self, func: Any, _: Any, args: Any, options: Any) -> Any:
        known = FUNCTIONS.get(func.__name__)
        if known is None:
            raise UntraceableError(f"it calls np.{func.__name__}")
        return known(*args, **options)


def _traced(value: Any) -> Traced:
    """A constant as a node; a node as itself."""
    if isinstance(value, Traced):
        return value
    data = np.asarray(value)
    span = (int(data.min()), int(data.max())) if data.dtype.kind in "iu" and data.size else None
    return Traced("const", (), data, span, data)


def _transpose(x: Traced, axes: Any = None) -> Traced:
    order = tuple(axes) if axes is not None else tuple(reversed(range(x.ndim)))
    return Traced("transpose", (x,), x.sample.transpose(order), x.span, order)


def _reduce(op: str, x: Traced, axis: Any, keep: bool, dtype: Any = None) -> Traced:
    every = range(x.ndim) if axis is None else [axis] if isinstance(axis, int) else list(axis)
    axes = tuple(sorted(a % x.ndim for a in every)) if x.ndim else ()
    function: Any = {"sum": np.sum, "max": np.max, "min": np.min}[op]
    more = {"dtype": dtype} if dtype is not None else {}
    sample = function(x.sample, axis=axes, keepdims=keep, **more)
    count = x.size // max(np.asarray(sample).size, 1)
    span = x.span and ((x.span[0] * count, x.span[1] * count) if op == "sum" else x.span)
    return Traced(op, (x,), sample, span, (axes, bool(keep)))


def _matmul(a: Traced, b: Traced) -> Traced:
    if not (1 <= a.ndim <= 2 and 1 <= b.ndim <= 2):
        raise UntraceableError("it multiplies matrices of more than two dimensions")
    sample = np.matmul(a.sample, b.sample)
    span = None
    if a.span and b.span:
        low, high = _product(a.span, b.span)
        span = (low * a.shape[-1], high * a.shape[-1])
    return Traced("matmul", (a, b), sample, span)


def _where(condition: Any, x: Any, y: Any) -> Traced:
    samples = [v.sample if isinstance(v, Traced) else v for v in (condition, x, y)]
    args = tuple(_traced(v) for v in (condition, x, y))
    return Traced("where", args, np.where(*samples), _union(args[1].span, args[2].span))


def _like(value: Any) -> Callable[..., Traced]:
    def make(x: Traced, *given: Any, dtype: Any = None) -> Traced:
        filled = np.full((), given[0] if given else value, dtype or x.dtype)
        return _traced(np.broadcast_to(filled, x.shape))

    return make


def _product(a: Span, b: Span) -> Span:
    every = [p * q for p in a for q in b]
    return min(every), max(every)


def _union(a: Span | None, b: Span | None) -> Span | None:
    return (min(a[0], b[0]), max(a[1], b[1])) if a and b else None


def ideal(name: str, spans: list[Span | None]) -> Span | None:
    """What the exact result can be, where that is known."""
    if any(s is None for s in spans):
        return None
    known = [s for s in spans if s is not None]
    a, b = known[0], known[-1]
    largest = max(abs(v) for s in known for v in s)
    found = {
        "add": (a[0] + b[0], a[1] + b[1]),
        "subtract": (a[0] - b[1], a[1] - b[0]),
        "multiply": _product(a, b),
        "maximum": (max(a[0], b[0]), max(a[1], b[1])),
        "minimum": (min(a[0], b[0]), min(a[1], b[1])),
        "negative": (-a[1], -a[0]),
        "absolute": (0 if a[0] <= 0 <= a[1] else min(abs(a[0]), abs(a[1])), largest),
        "square": (0, largest**2),
    }
    if name == "right_shift" and b[0] >= 0:
        return min(a[0] >> b[0], a[0] >> b[1]), max(a[1] >> b[0], a[1] >> b[1])
    if name == "left_shift" and b[0] >= 0 and b[1] < 32:
        return _product(a, (1 << b[0], 1 << b[1]))
    return found.get(name)


def _span(name: str, args: tuple[Any, ...]) -> Span | None:
    return ideal(name, [_traced(a).span for a in args])


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "where": _where, "transpose": _transpose,
    "clip": lambda a, *b, **k: a.clip(*b, **k) if isinstance(a, Traced) else _traced(a).clip(*b),
    "sum": lambda a, *b, **k: a.sum(*b, **k), "mean": lambda a, *b, **k: a.mean(*b, **k),
    "max": lambda a, *b, **k: a.max(*b, **k), "amax": lambda a, *b, **k: a.max(*b, **k),
    "min": lambda a, *b, **k: a.min(*b, **k), "amin": lambda a, *b, **k: a.min(*b, **k),
    "var": lambda a, *b, **k: a.var(*b, **k), "std": lambda a, *b, **k: a.std(*b, **k),
    "dot": lambda a, b: _matmul(_traced(a), _traced(b)),
    "zeros_like": _like(0), "ones_like": _like(1), "full_like": _like(0),
    "shape": lambda a: a.shape, "ndim": lambda a: a.ndim, "size": lambda a: a.size,
}  # fmt: skip


def trace(function: Callable[..., Any], inputs: list[tuple[str, Array, Span | None]]) -> Any:
    """What the function returns, as nodes. Raises UntraceableError, or what the function raises."""
    made = [Traced("input", (), ones, span, name) for name, ones, span in inputs]
    result = function(*made)
    many = isinstance(result, (tuple, list))
    return [_traced(r) for r in (result if many else [result])]
