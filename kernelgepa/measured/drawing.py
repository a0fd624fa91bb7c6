"""Inputs as a problem's get_inputs gives them, and what makes its module of. In the worker."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kernelgepa.measured.digest import of_inputs
from kernelgepa.measured.tensors import described, is_tensor, kind, leaves, paths

_OCTAVES = 3.0  # from the largest of those factors to the smallest


def seeded(number: int) -> None:
    """Seeds numpy's own generator, where somebody has imported it."""
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(number % (1 << 32))


def order(model: Any) -> list[str]:
    """The names of the parameters of its forward after self, those that can be given in order.

    Raises TypeError, in words, where others have to be given.
    """
    parameters = _signature(model).parameters.values()
    named = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    if named:
        raise TypeError(
            f"forward takes {', '.join(named)} by name only; expected parameters that can be given "
            "in order, without `*` before them"
        )
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _signature(model: Any) -> inspect.Signature:
    """Of its forward, called as a method."""
    found = inspect.signature(model.forward)
    own = isinstance(inspect.getattr_static(model, "forward"), staticmethod | classmethod)
    all_of_it = list(found.parameters.values())
    if not own and all_of_it and all_of_it[0].kind is not inspect.Parameter.VAR_POSITIONAL:
        return found.replace(parameters=all_of_it[1:])
    return found


def taken(model: Any, given: Sequence[Any]) -> None:
    """Raises TypeError, in words, where its forward does not take that many arguments."""
    try:
        _signature(model).bind(*given)
    except TypeError as error:
        raise TypeError(
            f"get_inputs returns {_counted(given)}, which forward does not take: {error}"
        ) from error


def arguments(returned: Any, names: Sequence[str]) -> list[Any]:
    """What forward is called with, whose parameters have these names: a list, or a dict of them.

    Raises TypeError, in words, where it can be called with neither.
    """
    if isinstance(returned, list | tuple):
        return list(returned)
    if not isinstance(returned, Mapping):
        raise TypeError(
            f"get_inputs returns {_type(returned)}; expected a list of forward's arguments"
        )
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
    if not isinstance(given, list | tuple):
        raise TypeError(
            f"get_init_inputs returns {_type(given)}; expected a list of the constructor's "
            "arguments, or a dict of them by name"
        )
    try:
        with contextlib.suppress(ValueError):  # not all that can be called tell how
            inspect.signature(made).bind(*given)
    except TypeError as error:
        raise TypeError(
            f"get_init_inputs returns {_counted(given)}, which the constructor of "
            f"{getattr(made, '__name__', 'it')} does not take: {error}"
        ) from error
    return made(*given)


def _type(value: Any) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"


def _counted(values: Sequence[Any]) -> str:
    return "1 value" if len(values) == 1 else f"{len(values)} values"


def once(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The change, made once of each object: a tensor given twice stays one."""
    made = dict[int, tuple[Any, Any]]()  # with the object, whose id is not given to another

    def changed(value: Any) -> Any:
        if id(value) not in made:
            made[id(value)] = value, change(value)
        return made[id(value)][1]

    return changed


def buffer(value: Any) -> Any:
    """Memory like a tensor's, with its values; where that repeats itself, this does, too."""
    if not is_tensor(value):
        return value
    made = unrepeated(value, value).clone()
    return made if made.shape == value.shape else made.expand(value.shape)


def unrepeated(tensor: Any, like: Any) -> Any:
    """A tensor without what another of its shape only repeats, by strides of 0."""
    for dim, (size, stride) in enumerate(zip(like.shape, like.stride(), strict=True)):
        if not stride and size > 1:
            tensor = tensor.narrow(dim, 0, 1)
    return tensor


def uneven(tensor: Any, seed: int) -> None:
    """Scales a tensor by a factor of up to 1, another one for every index of every dimension: no
    two rows then say the same, and none can be left out."""
    import torch  # noqa: PLC0415

    generator = torch.Generator().manual_seed(seed % (1 << 63))
    for dim, size in enumerate(tensor.shape):
        if size > 1:
            factors = torch.rand(size, generator=generator).mul_(-_OCTAVES).exp2_()
            shape = [size if at == dim else 1 for at in range(tensor.ndim)]
            tensor.mul_(factors.to(tensor.device, tensor.dtype).view(shape))


def summed(values: Sequence[Any]) -> int:
    """Of the tensors that a call is given, without what repeats itself."""
    return of_inputs(unrepeated(v, v) for v in values if is_tensor(v))


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
    """Raises ValueError where sets of inputs differ in more than values, TypeError where they hold
    tensors of another kind."""
    first, *others = (
        [described(v) if _dense(v) else type(v).__name__ for v in leaves(list(s))] for s in sets
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


def _dense(value: Any) -> bool:
    """Whether it is a tensor. Raises TypeError where that is sparse, quantized or nested, or is an
    array of numpy's, or an object that holds tensors: inputs are mixed and moved as tensors."""
    if type(value).__name__ == "ndarray":
        raise TypeError("get_inputs gives a numpy array; expected tensors (torch.from_numpy)")
    if not is_tensor(value) and any(map(is_tensor, getattr(value, "__dict__", {}).values())):
        name = type(value).__name__
        raise TypeError(
            f"get_inputs gives tensors in a {name}; expected them as they are, or in lists, tuples "
            "and dicts"
        )
    if is_tensor(value) and kind(value) != "tensor":
        raise TypeError(f"get_inputs gives a {kind(value)}; expected plain ones, with strides")
    return is_tensor(value)


def continuous(tensor: Any) -> bool:
    """Whether it holds numbers between which others lie."""
    return bool(tensor.is_floating_point() or tensor.is_complex())


def constant(sets: Sequence[Sequence[Any]]) -> set[int]:
    """Places of such tensors that are the same in all of several sets."""
    import torch  # noqa: PLC0415

    first, *others = sets
    return {
        place for place, one in enumerate(first)
        if others and is_tensor(one) and continuous(one)
        and all(torch.equal(one, other[place]) for other in others)
    }  # fmt: skip


def _kind(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return f"{value['dtype']}[{', '.join(map(str, value['shape']))}]"
