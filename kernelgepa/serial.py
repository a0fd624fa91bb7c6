"""Frozen dataclasses <-> plain values that JSON can hold. Exact round trip."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Hashable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: Any, terse: bool = False) -> Any:
    """Dataclasses become objects, tuples and sets become arrays, enums their values.

    `terse` leaves out fields that have their default value; `from_plain` reads either.
    Raises TypeError for what has no plain form.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, Enum):
        return value.value
    kind: Any = type(value)
    names = _fields(kind)
    if names is not None:
        return {
            name: to_plain(held, terse)
            for name, default in names
            if not (((held := getattr(value, name)) is default or held == default) and terse)
        }
    if isinstance(value, Mapping):
        return {str(k): to_plain(v, terse) for k, v in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(to_plain(v, terse) for v in value)
    if isinstance(value, (tuple, list)):
        return [to_plain(v, terse) for v in value]
    if isinstance(value, (int, float, str)):
        return value
    raise TypeError(f"{type(value).__name__} has no plain form")


@cache
def _fields(kind: Hashable) -> tuple[tuple[str, Any], ...] | None:
    """Names of a dataclass's fields with their defaults; where there is none, a mark."""
    if not dataclasses.is_dataclass(kind):
        return None
    made: list[tuple[str, Any]] = []
    for field in dataclasses.fields(kind):
        default: Any = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        made.append((field.name, default))
    return tuple(made)


def from_plain(kind: type[T], data: Any) -> T:
    """The inverse of `to_plain`. Raises ValueError or TypeError where `data` does not fit."""
    made: T = _read(kind, data)
    return made


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, data: Any) -> Any:
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _read_dataclass(kind, data)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(data)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read_union(kind, data)
    if origin is Literal:
        if data not in get_args(kind):
            raise ValueError(f"{data!r} is none of {get_args(kind)}")
        return data
    if origin is tuple:
        return _read_tuple(get_args(kind), data)
    if origin is frozenset:
        return frozenset(_read(get_args(kind)[0], v) for v in data)
    if origin is not None and issubclass(origin, Mapping):
        value = get_args(kind)[1]
        if not isinstance(data, Mapping):
            raise ValueError(f"expected an object, found {type(data).__name__}")
        return {k: _read(value, v) for k, v in data.items()}
    return _read_scalar(kind, data)


def _read_dataclass(kind: Any, data: Any) -> Any:
    if not isinstance(data, Mapping):
        raise ValueError(f"expected an object for {kind.__name__}, found {type(data).__name__}")
    hints = _hints(kind)
    given = {
        f.name: _read(hints[f.name], data[f.name])
        for f in dataclasses.fields(kind)
        if f.init and f.name in data
    }
    return kind(**given)


def _read_union(kind: Any, data: Any) -> Any:
    options = [o for o in get_args(kind) if o is not type(None)]
    if data is None:
        return None
    errors = []
    for option in options:
        try:
            return _read(option, data)
        except (ValueError, TypeError) as error:
            errors.append(str(error))
    raise ValueError("; ".join(errors))


def _read_tuple(arguments: tuple[Any, ...], data: Any) -> Any:
    if not isinstance(data, (list, tuple)):
        raise ValueError(f"expected an array, found {type(data).__name__}")
    if len(arguments) == 2 and arguments[1] is ...:
        return tuple(_read(arguments[0], v) for v in data)
    if len(arguments) != len(data):
        raise ValueError(f"expected {len(arguments)} values, found {len(data)}")
    return tuple(_read(a, v) for a, v in zip(arguments, data, strict=True))


def _read_scalar(kind: Any, data: Any) -> Any:
    if kind is Any:
        return data
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, kind) or (kind is int and isinstance(data, bool)):
        raise ValueError(f"expected {kind.__name__}, found {type(data).__name__}")
    return data
