"""From a launch specification and known tensors to what is allocated and launched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kernelgepa.launch import expression as expressions
from kernelgepa.launch.expression import SELF, Attributes, Expression, LaunchError, Value, said
from kernelgepa.launch.spec import (
    REFERENCE,
    TENSOR_DTYPES,
    ArgumentSpec,
    BufferSpec,
    LaunchSpec,
    Spec,
    named,
)
from kernelgepa.measured.contract import TensorSpec

_GRID = (2**31 - 1, 65535, 65535)
_BLOCK = (1024, 1024, 64)
_THREADS = 1024
_SHARED = 227 * 1024  # the most any supported device gives to one block
_ELEMENTS = 1 << 40
Constant = int | float | bool | str


@dataclass(frozen=True)
class Allocation:
    """A tensor to allocate before the launches."""

    name: str
    spec: TensorSpec
    zero: bool = False


@dataclass(frozen=True)
class Argument:
    """A tensor by its path ("self", "conv", "weight"), nothing (a null pointer), or a number.

    `type` of a number is a key of SCALAR_BYTES, int32 or float32 where the text gives none
    (`typed` is then False).
    """

    kind: Literal["tensor", "null", "number"]
    text: str
    path: tuple[str | int, ...] = ()
    value: int | float | bool = 0
    type: str = ""
    typed: bool = False


@dataclass(frozen=True)
class Launch:
    """One launch in numbers. A grid has three entries, and so has a block."""

    kernel: str
    grid: tuple[int, int, int]
    arguments: tuple[Argument, ...]
    block: tuple[int, int, int] = (1, 1, 1)
    shared: int = 0
    constants: Mapping[str, Constant] = field(default_factory=dict)
    warps: int | None = None
    stages: int | None = None


@dataclass(frozen=True)
class Plan:
    """What one call of forward does: allocate outputs and buffers, launch in order."""

    outputs: tuple[Allocation, ...]
    buffers: tuple[Allocation, ...]
    launches: tuple[Launch, ...]


def evaluate(
    spec: Spec,
    inputs: Mapping[str, Value],
    module: Attributes | None,
    outputs: Sequence[TensorSpec],
) -> Plan:
    """`inputs`: forward's arguments by name; `outputs`: what the reference returns.

    Raises LaunchError, one sentence.
    """
    names: dict[str, Value] = dict(inputs)
    if module is not None:
        names[SELF] = module
    wanted = spec.outputs
    if wanted is None:
        wanted = tuple(BufferSpec(named(i), like=REFERENCE) for i in range(len(outputs)))
    if len(wanted) != len(outputs):
        raise LaunchError(f"outputs: {len(wanted)} named, but the reference returns {len(outputs)}")
    for one, given in zip(wanted, outputs, strict=True):
        if one.like == REFERENCE:
            names[one.name] = given
    later = [o for o in wanted if o.like != REFERENCE]
    _let(spec, names, tuple(b.name for b in (*later, *spec.buffers)))
    for one in (*later, *spec.buffers):
        names[one.name] = _allocated(one, names)
        _let(spec, names, ())
    made = {b.name: names[b.name] for b in (*wanted, *spec.buffers)}

    def allocation(one: BufferSpec) -> Allocation:
        found = made[one.name]
        assert isinstance(found, TensorSpec)
        return Allocation(one.name, found, one.zero)

    aliases = {n: e.path for n, e in spec.let.items() if e.path is not None}
    launches = [_launch(one, names, aliases) for one in spec.launches]
    return Plan(
        tuple(map(allocation, wanted)),
        tuple(map(allocation, spec.buffers)),
        tuple(one for one in launches if one is not None),
    )


def _let(spec: Spec, names: dict[str, Value], missing: Sequence[str]) -> None:
    """What can be said already; a name that needs a tensor of `missing` comes later."""
    late = set(missing)
    for name, expression in spec.let.items():
        if name in names:
            continue
        if late.intersection(expression.names):
            late.add(name)
            continue
        if all(n in names for n in expression.names):
            names[name] = expressions.evaluate(expression, names)


def _allocated(one: BufferSpec, names: Mapping[str, Value]) -> TensorSpec:
    dtype: Value = one.dtype
    if one.dtype.endswith(".dtype"):
        dtype = expressions.evaluate(expressions.parse(one.dtype, names), names)
    if one.like:
        model = expressions.evaluate(expressions.parse(one.like, names), names)
        if not isinstance(model, TensorSpec):
            raise LaunchError(f"{one.name}: like {one.like!r} is {said(model)}; expected a tensor")
        return TensorSpec(model.shape, str(dtype or model.dtype), contiguous(model.shape))
    if dtype not in TENSOR_DTYPES:
        raise LaunchError(f"{one.name}: no tensor of type {dtype!r:.40} can be made")
    shape = tuple(expressions.whole(e, names) for e in one.shape)
    total = 1
    for size in shape:
        if size < 0:
            raise LaunchError(f"{one.name}: a shape of {list(shape)}")
        total *= max(1, size)
    if total > _ELEMENTS:
        raise LaunchError(f"{one.name}: {total} elements; at most {_ELEMENTS}")
    return TensorSpec(shape, str(dtype), contiguous(shape))


def contiguous(shape: Sequence[int]) -> tuple[int, ...]:
    """Strides of a contiguous tensor, as torch gives them."""
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(1, size)
    return tuple(reversed(strides))


def _launch(
    one: LaunchSpec, given: Mapping[str, Value], aliases: Mapping[str, tuple[str | int, ...]]
) -> Launch | None:
    """None where its condition does not hold."""
    names = dict(given)
    constants: dict[str, Constant] = {}
    try:
        for name, expression in one.constants.items():
            value = expressions.evaluate(expression, names)
            if not isinstance(value, bool | int | float | str):
                raise LaunchError(f"constants.{name} is {said(value)}; expected a number or a text")
            constants[name] = names[name] = value
        if one.when is not None and not expressions.evaluate(one.when, names):
            return None
        block = _three("block", one.block, _BLOCK, names)
        threads = block[0] * block[1] * block[2]
        if threads > _THREADS:
            raise LaunchError(f"block {list(block)} has {threads} threads; at most {_THREADS}")
        shared = 0 if one.shared is None else expressions.whole(one.shared, names)
        if not 0 <= shared <= _SHARED:
            raise LaunchError(f"shared is {shared} bytes; expected 0 to {_SHARED}")
        return Launch(
            one.kernel,
            _three("grid", one.grid, _GRID, names),
            tuple(_argument(a, names, aliases) for a in one.args),
            block,
            shared,
            constants,
            _optional("num_warps", one.warps, 64, names),
            _optional("num_stages", one.stages, 32, names),
        )
    except LaunchError as error:
        raise LaunchError(f"launch of {one.kernel}: {error}") from error


def _three(
    what: str, given: Sequence[Expression], most: Sequence[int], names: Mapping[str, Value]
) -> tuple[int, int, int]:
    made = [expressions.whole(e, names) for e in given]
    for axis, (value, bound) in enumerate(zip(made, most, strict=False)):
        if not 1 <= value <= bound:
            raise LaunchError(f"{what}[{axis}] is {value}; expected 1 to {bound}")
    x, y, z = (*made, 1, 1, 1)[:3]
    return x, y, z


def _optional(
    what: str, given: Expression | None, most: int, names: Mapping[str, Value]
) -> int | None:
    if given is None:
        return None
    value = expressions.whole(given, names)
    if not 1 <= value <= most:
        raise LaunchError(f"{what} is {value}; expected 1 to {most}")
    return value


def _argument(
    one: ArgumentSpec, names: Mapping[str, Value], aliases: Mapping[str, tuple[str | int, ...]]
) -> Argument:
    text = one.value.text
    value = expressions.evaluate(one.value, names)
    if value is None or isinstance(value, TensorSpec):
        path = one.value.path
        if path is None:
            raise LaunchError(f"args: {text!r} names no tensor; write its name alone")
        while path[0] in aliases:
            path = (*aliases[str(path[0])], *path[1:])
        if one.type:
            raise LaunchError(f"args: {text!r} is {said(value)}; a type {one.type} is of numbers")
        return Argument("null" if value is None else "tensor", text, path)
    if not isinstance(value, bool | int | float):
        raise LaunchError(f"args: {text!r} is {said(value)}; expected a tensor or a number")
    return _number(text, value, one.type)


def _number(text: str, value: int | float | bool, given: str) -> Argument:
    kind = given or ("float32" if isinstance(value, float) else "int32")
    if kind == "bool":
        return Argument("number", text, (), bool(value), kind, bool(given))
    if kind.startswith(("float", "bfloat")):
        return Argument("number", text, (), float(value), kind, bool(given))
    if int(value) != value:
        raise LaunchError(f"args: {text!r} is {value}, which is no {kind}")
    bits = int(kind.lstrip("uint"))
    low, high = (0, 2**bits) if kind.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1))
    if not low <= value < high:
        hint = "" if given else "; write a type, as in " + repr(f"{text}:int64")
        raise LaunchError(f"args: {text!r} is {value}, beyond {kind}{hint}")
    return Argument("number", text, (), int(value), kind, bool(given))
