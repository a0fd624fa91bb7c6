"""C++ expressions as text, and the places of array elements in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kernelgepa.tasks.trace.graph import Traced

Index = tuple[str, ...]  # an expression for each axis


def simple(value: str) -> bool:
    return re.fullmatch(r"-?[\w.]+", value) is not None


def cast(kind: str, value: str) -> str:
    if value.startswith(f"({kind})"):
        return value
    return f"({kind}){value if simple(value) or value[0] != '-' else f'({value})'}"


def bare(value: str) -> str:
    """The expression without brackets around all of it."""
    if not value.startswith("("):
        return value
    depth = 0
    for at, letter in enumerate(value):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return value[1:-1] if at == len(value) - 1 else value
    return value


def flat(index: Index, shape: tuple[int, ...]) -> str:
    """The place of an element in a row-major array."""
    terms, size = [], 1
    for place, length in zip(reversed(index), reversed(shape), strict=True):
        if place != "0":
            inner = place if simple(place) or size == 1 else f"({place})"
            terms.append(inner if size == 1 else f"{inner} * {size}")
        size *= length
    return " + ".join(reversed(terms)) or "0"


def broadcast(index: Index, shape: tuple[int, ...]) -> Index:
    own = index[len(index) - len(shape) :]
    return tuple("0" if size == 1 else place for place, size in zip(own, shape, strict=True))


def inner(node: Traced, index: Index, made: Sequence[str]) -> Index:
    """The index of a reduction's argument: `made` on the axes that are summed."""
    axes, keep = node.extra
    outer, inner = iter(index), iter(made)
    found = []
    for axis in range(node.args[0].ndim):
        if axis in axes:
            found.append(next(inner))
            if keep:
                next(outer)
        else:
            found.append(next(outer))
    return tuple(found)


def indexed(node: Traced, index: Index) -> Index:
    places = iter(index)
    found = []
    for one in node.extra:
        if one is None:
            next(places)
        elif isinstance(one, int):
            found.append(str(one))
        else:
            start, step = one
            place = next(places)
            if step != 1 and place != "0":
                place = f"{place if simple(place) else f'({place})'} * {step}"
            if start:
                place = str(start) if place == "0" else f"{place} + {start}"
            found.append(place)
    return tuple(found)
