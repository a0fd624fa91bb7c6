"""Python's own functions, and those of math, of what is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from kernelgepa.kernelbench.values import Known, Many, Value, labels

MOST_ROUNDS = 256  # of a loop that is followed
_LARGE = 10**15
_MATHS: Mapping[str, Callable[[float], float]] = {
    "sqrt": math.sqrt,
    "log2": math.log2,
    "ceil": math.ceil,
    "floor": math.floor,
}
_CASTS: Mapping[str, Callable[[float], float]] = {
    "int": int,
    "float": float,
    "abs": abs,
    "round": round,
}


def builtin(name: str, args: tuple[Value, ...]) -> Value:
    """What a function gives; None where it is not known."""
    first = args[0] if args else None
    if name in ("tuple", "list") and isinstance(first, Many):
        return first
    if name == "len" and isinstance(first, Many):
        return Known(len(first.items))
    if name == "range":
        return _range(args)
    values = first.items if len(args) == 1 and isinstance(first, Many) else args
    known = [v.value for v in values if isinstance(v, Known)]
    numbers = [n for n in known if isinstance(n, int | float) and abs(n) < _LARGE]
    if not numbers or len(numbers) != len(values):
        return None
    value = _folded(name, numbers)
    return None if value is None else Known(value, labels(Many(values)))


def _range(args: tuple[Value, ...]) -> Value:
    bounds = [a.value for a in args if isinstance(a, Known) and isinstance(a.value, int)]
    far = any(abs(b) > _LARGE for b in bounds)
    if far or len(bounds) != len(args) or not 1 <= len(bounds) <= 3 or bounds[2:] == [0]:
        return None
    steps = range(*bounds)
    return Many(tuple(Known(i) for i in steps)) if len(steps) <= MOST_ROUNDS else None


def _folded(name: str, numbers: list[int | float]) -> int | float | None:
    """A function of numbers, none of them large."""
    if name in ("max", "min", "sum"):
        return max(numbers) if name == "max" else min(numbers) if name == "min" else sum(numbers)
    if name == "math.prod":
        return math.prod(numbers) if len(numbers) <= MOST_ROUNDS else None
    if len(numbers) != 1:
        return None
    number = numbers[0]
    if name in _CASTS:
        return _CASTS[name](number)
    maths = _MATHS.get(name.removeprefix("math.")) if name.startswith("math.") else None
    return None if maths is None or number <= 0 else maths(number)
