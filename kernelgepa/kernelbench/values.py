"""What is known of a value without running anything: a constant, a sequence, a tensor's shape.

Every constant remembers the literals of the source it was computed from, so that changing one of
them is known to change it.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

ITEM_BYTES = {
    "float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int64": 8, "int32": 4, "int16": 2,
    "int8": 1, "uint8": 1, "bool": 1, "complex64": 8, "complex128": 16, "float8_e4m3fn": 1,
    "float8_e5m2": 1,
}  # fmt: skip
DTYPES = {
    **{name: name for name in ITEM_BYTES},
    "double": "float64", "float": "float32", "half": "float16", "long": "int64", "int": "int32",
    "short": "int16", "cfloat": "complex64", "cdouble": "complex128",
}  # fmt: skip
_RANK = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32",
         "float64", "complex64", "complex128")  # fmt: skip
_MOST_BITS = 4096
_MOST_ITEMS = 10_000


@dataclass(frozen=True)
class Literal:
    """A whole number written at the module's top level, and where."""

    label: str  # "batch_size", "shape[1]"
    value: int
    start: int  # bytes of the UTF-8 text
    end: int
    line: int


@dataclass(frozen=True)
class Known:
    """A constant, and the labels of the literals it follows from."""

    value: int | float | str | bool | None
    of: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Many:
    """A list or tuple of known length. Made by `many` where it may become large."""

    items: tuple[Value, ...]
    weight: int = field(init=False, compare=False)  # of everything in it

    def __post_init__(self) -> None:
        weights = (v.weight if isinstance(v, Many) else 1 for v in self.items)
        object.__setattr__(self, "weight", 1 + sum(weights))


@dataclass(frozen=True)
class Named:
    """A dict by texts, or what an object of plain attributes holds."""

    items: tuple[tuple[str, Value], ...]

    def get(self, key: object) -> Value:
        return dict(self.items).get(key) if isinstance(key, str) else None

    @property
    def values(self) -> tuple[Value, ...]:
        return tuple(value for _, value in self.items)


@dataclass(frozen=True)
class Tensor:
    """A tensor's shape, every dimension a whole number, and its element type."""

    shape: tuple[Known, ...]
    dtype: str

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(int(d.value) for d in self.shape if isinstance(d.value, int))

    @property
    def bytes(self) -> int:
        return math.prod(self.sizes) * ITEM_BYTES[self.dtype]


Value: TypeAlias = "Known | Many | Named | Tensor | None"  # None: not known

_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}  # fmt: skip


def many(items: tuple[Value, ...]) -> Many | None:
    """The sequence, or None where it is too large to be looked through."""
    made = Many(items)
    return made if made.weight <= _MOST_ITEMS else None


def labels(value: Value) -> frozenset[str]:
    """Every literal a value follows from."""
    if isinstance(value, Known):
        return value.of
    if isinstance(value, Many | Named):
        inside = value.items if isinstance(value, Many) else value.values
        return frozenset[str]().union(*(labels(v) for v in inside))
    if isinstance(value, Tensor):
        return frozenset[str]().union(*(d.of for d in value.shape))
    return frozenset()


def dimension(value: Value) -> Known | None:
    """The value as a tensor's dimension, or None where it is not one."""
    good = isinstance(value, Known) and isinstance(value.value, int) and value.value >= 0
    return value if good and isinstance(value, Known) else None


def shape(values: tuple[Value, ...]) -> tuple[Known, ...] | None:
    """Dimensions given one by one or as one sequence."""
    if len(values) == 1 and isinstance(values[0], Many):
        values = values[0].items
    found = tuple(d for d in map(dimension, values) if d is not None)
    return found if len(found) == len(values) else None


def binary(op: ast.operator, left: Value, right: Value) -> Value:
    """`left op right`, None where it is not known."""
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return _broadcast(left, right)
    if isinstance(left, Many) and isinstance(right, Many) and isinstance(op, ast.Add):
        return many(left.items + right.items)
    if isinstance(op, ast.Mult) and (isinstance(left, Many) or isinstance(right, Many)):
        return _times(left, right) if isinstance(left, Many) else _times(right, left)
    if not isinstance(left, Known) or not isinstance(right, Known):
        return None
    value = number(op, left.value, right.value)
    return None if value is None else Known(value, left.of | right.of)


def _times(sequence: Value, count: Value) -> Value:
    if not isinstance(sequence, Many) or not isinstance(count, Known):
        return None
    good = isinstance(count.value, int) and 0 <= count.value * sequence.weight <= _MOST_ITEMS
    return many(sequence.items * int(count.value or 0)) if good else None


def number(op: ast.operator, a: object, b: object) -> int | float | None:
    """Arithmetic on two numbers that cannot take long or fail."""
    if not isinstance(a, int | float) or not isinstance(b, int | float):
        return None
    try:
        if isinstance(op, ast.Pow):
            if isinstance(a, int) and (abs(b) > _MOST_BITS or a.bit_length() * b > _MOST_BITS):
                return None
            power = a**b
            return power if isinstance(power, int | float) else None
        if isinstance(op, ast.LShift | ast.RShift):
            if not isinstance(a, int) or not isinstance(b, int) or not 0 <= b <= _MOST_BITS:
                return None
            return a << b if isinstance(op, ast.LShift) else a >> b
        made = _BINARY[type(op)](a, b)
    except (ArithmeticError, KeyError):
        return None
    return None if isinstance(made, int) and made.bit_length() > _MOST_BITS else made


def _broadcast(left: Value, right: Value) -> Value:
    """A tensor's arithmetic with a tensor or a number."""
    if isinstance(left, Known) and isinstance(right, Tensor):
        left, right = right, left
    if not isinstance(left, Tensor):
        return None
    if isinstance(right, Known):
        whole = left.dtype in ("bool", *_RANK[1:6])
        floats = isinstance(right.value, float) and whole
        return Tensor(left.shape, "float32" if floats else left.dtype)
    if not isinstance(right, Tensor):
        return None
    return _joined(left, right)


def _joined(left: Tensor, right: Tensor) -> Tensor | None:
    size = max(len(left.shape), len(right.shape))
    one = Known(1)
    first = (one,) * (size - len(left.shape)) + left.shape
    second = (one,) * (size - len(right.shape)) + right.shape
    made = []
    for a, b in zip(first, second, strict=True):
        if a.value != b.value and 1 not in (a.value, b.value):
            return None
        made.append(b if a.value == 1 else Known(a.value, a.of | b.of) if b.value != 1 else a)
    if left.dtype not in _RANK or right.dtype not in _RANK:
        return None
    return Tensor(tuple(made), max(left.dtype, right.dtype, key=_RANK.index))
