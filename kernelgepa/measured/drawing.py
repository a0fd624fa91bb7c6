"""Inputs as a problem's get_inputs gives them, and what makes its module of. In the worker."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kernelgepa.measured.tensors import described, is_tensor, leaves, paths


def seeded(number: int) -> None:
    """Seeds numpy's own generator, where somebody has imported it."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(number % (1 << 32))


def order(forward: Callable[..., Any]) -> list[str]:
    """The names of its parameters after self."""
    return list(inspect.signature(forward).parameters)[1:]


def arguments(returned: Any, names: Sequence[str]) -> list[Any]:
    """What forward is called with, whose parameters have these names: a list, or a dict of them.

    Raises TypeError, in words, where it can be called with neither.
    """
    if isinstance(returned, list | tuple):
        return list(returned)
    if not isinstance(returned, Mapping):
        kind = type(returned).__name__
        raise TypeError(f"get_inputs returns a {kind}; expected a list of forward's arguments")
    first = list(names[: len(returned)])
    if set(first) != set(returned):
        raise TypeError(
            f"get_inputs returns a dict of {', '.join(map(str, returned))}, but forward's first "
            f"parameters are {', '.join(first) or 'none'}"
        )
    return [returned[name] for name in first]


def construct(made: Callable[..., Any], given: Any) -> Any:
    """A module, from what get_init_inputs returns: arguments in order, or by name."""
    if isinstance(given, Mapping):
        return made(**given)
    if isinstance(given, list | tuple):
        return made(*given)
    kind = type(given).__name__
    raise TypeError(
        f"get_init_inputs returns a {kind}; expected a list of the constructor's arguments, or a "
        "dict of them by name"
    )


def told(given: Sequence[Any], names: Sequence[str]) -> list[dict[str, Any] | None]:
    """Of every leaf of forward's arguments what it is, and its name ("x", "state[1]"); None where
    it is no tensor."""
    found = list[dict[str, Any] | None]()
    for number, value in enumerate(given):
        name = names[number] if number < len(names) else f"argument {number + 1}"
        found += [
            {**described(leaf), "name": name + path} if is_tensor(leaf) else None
            for path, leaf in paths(value)
        ]
    return found


def alike(sets: Sequence[Sequence[Any]]) -> None:
    """Raises ValueError where sets of inputs differ in more than values."""
    first, *others = (
        [described(v) if is_tensor(v) else type(v).__name__ for v in leaves(list(s))] for s in sets
    )
    for other in others:
        if len(other) != len(first):
            raise ValueError(
                f"get_inputs gives {len(first)} values, and {len(other)} under another seed; their "
                "number may not depend on chance"
            )
        for number, (a, b) in enumerate(zip(first, other, strict=True), 1):
            if _kind(a) != _kind(b):
                raise ValueError(
                    f"get_inputs gives value {number} as {_kind(a)}, and as {_kind(b)} under "
                    "another seed; shapes and types may not depend on chance"
                )


def constant(sets: Sequence[Sequence[Any]]) -> set[int]:
    """Places of floating point tensors that are the same in all of several sets."""
    import torch  # noqa: PLC0415

    first, *others = sets
    return {
        place for place, one in enumerate(first)
        if others and is_tensor(one) and one.is_floating_point()
        and all(torch.equal(one, other[place]) for other in others)
    }  # fmt: skip


def _kind(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return f"{value['dtype']}[{', '.join(map(str, value['shape']))}]"
