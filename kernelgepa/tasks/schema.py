"""task.toml as values: strict keys, every mistake one sentence. Loads no arrays.

The keys are documented in tasks/README.md.
"""

from __future__ import annotations

import math
import re
import struct
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from kernelgepa.errors import InputError
from kernelgepa.task import (
    DTYPES,
    INTEGERS,
    ITEM_BYTES,
    Parameter,
    Role,
    Shapes,
    Tolerance,
    Use,
    Workload,
)
from kernelgepa.tasks.table import Table

FILE = "task.toml"
MODULES = ("torch", "cuda", "triton")  # targets whose reference is a module of torch
TARGETS = ("npu-sim", *MODULES)
ROUNDINGS = (
    "floor", "ceil", "positive_inf", "negative_inf", "symmetric_inf", "symmetric_zero",
    "conv_even", "conv_odd",
)  # fmt: skip
DATA_BYTES = 64 * 1024 - 1024  # data memory of a core less its stack
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Bounds:
    """Values an input may take: low <= x <= high; `whole`: only whole numbers."""

    low: float
    high: float
    whole: bool = False


@dataclass(frozen=True)
class Layout:
    """Everything task.toml says. `bounds`: per input; `special`: per workload, then input."""

    name: str
    summary: str
    category: str
    description: str
    target: str
    shapes: Shapes
    function: str
    rounding: str
    parameters: tuple[Parameter, ...]
    workloads: tuple[Workload, ...]
    bounds: Mapping[str, Bounds]
    special: Mapping[str, Mapping[str, Bounds]]


@dataclass(frozen=True)
class ModuleLayout:
    """Everything task.toml says where the reference is a module of torch."""

    name: str
    summary: str
    category: str
    description: str
    target: str
    shapes: Shapes
    workloads: tuple[Workload, ...]  # with the reference's sizes as scalars


def read(folder: Path) -> Layout | ModuleLayout:
    """The layout of a task folder. Raises InputError."""
    path = folder / FILE
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; a task is a folder with {FILE}")
    if not path.is_file():
        raise InputError(f"{folder} has no {FILE}; a task folder needs one (see tasks/README.md)")
    text = text_of(path)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not TOML: {error}") from error
    except RecursionError as error:
        raise InputError(f"{path} is nested too deeply for a task") from error
    top = Table(str(path), raw)
    modules = top.choice("target", TARGETS) in MODULES
    return _module_layout(top) if modules else _layout(top)


def text_of(path: Path) -> str:
    """Text of a user's file, never empty. Raises InputError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; expected a file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text: bad byte at {error.start}") from error
    if not text.strip():
        raise InputError(f"{path} is empty")
    return text


def _common(top: Table) -> dict[str, str]:
    return {
        "name": top.text("name", pattern=_NAME),
        "summary": top.text("summary"),
        "category": top.text("category", pattern=_NAME),
        "description": top.text("description", ""),
        "target": top.choice("target", TARGETS),
    }


def _module_layout(top: Table) -> ModuleLayout:
    common = _common(top)
    shapes = cast(Shapes, top.choice("shapes", get_args(Shapes)))
    tolerance = _tolerance(top.table("tolerance", {}), Tolerance())
    workloads: list[Workload] = []
    for table in top.tables("workload"):
        name = _workload_name(table, workloads)
        sizes = table.wholes("sizes")
        chosen = _tolerance(table.table("tolerance", {}), tolerance)
        workloads.append(Workload(name, {}, sizes, _uses(table), chosen))
        table.finish()
    top.finish()
    _agree(top, shapes, workloads)
    return ModuleLayout(shapes=shapes, workloads=tuple(workloads), **common)


def _layout(top: Table) -> Layout:
    shapes = cast(Shapes, top.choice("shapes", get_args(Shapes)))
    common = {
        **_common(top),
        "function": top.text("function", pattern=_IDENTIFIER),
        "rounding": top.choice("rounding", ROUNDINGS, "positive_inf"),
    }
    tolerance = _tolerance(top.table("tolerance", {}), Tolerance())
    parameters, bounds = _parameters(top)
    workloads: list[Workload] = []
    special = {}
    for table in top.tables("workload"):
        _workload_name(table, workloads)
        workload, own = _workload(table, parameters, bounds, tolerance)
        workloads.append(workload)
        special[workload.name] = own
    top.finish()
    _agree(top, shapes, workloads)
    return Layout(
        shapes=shapes,
        parameters=parameters,
        workloads=tuple(workloads),
        bounds=bounds,
        special=special,
        **common,
    )


def _parameters(top: Table) -> tuple[tuple[Parameter, ...], dict[str, Bounds]]:
    made: list[Parameter] = []
    bounds = {}
    for table in top.tables("parameter"):
        name = table.text("name", pattern=_IDENTIFIER)
        role = cast(Role, table.choice("role", get_args(Role)))
        parameter = Parameter(name, role, table.choice("dtype", DTYPES))
        if any(p.name == name for p in made):
            raise table.wrong("name", "a name of its own", name)
        if role == "in":
            within = _bounds(table, parameter)
            if within:
                bounds[name] = within
        table.finish()
        made.append(parameter)
    if not any(p.role == "out" for p in made):
        raise InputError(f'{top.origin}: expected at least one parameter with role = "out"')
    return tuple(made), bounds


def integer_limits(dtype: str) -> tuple[int, int]:
    """Least and greatest value of an integer type."""
    bits = 8 * ITEM_BYTES[dtype]
    return (0, 2**bits - 1) if dtype.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _bounds(table: Table, parameter: Parameter, usual: Bounds | None = None) -> Bounds | None:
    """The range of an input: the usual one, else all of an integer type, none for floats."""
    integer = parameter.dtype in INTEGERS
    least, most = integer_limits(parameter.dtype) if integer else (-3.0e38, 3.0e38)
    if usual is None:
        usual = Bounds(least, most, True) if integer else Bounds(math.nan, math.nan)
    low, high = table.number("low", usual.low), table.number("high", usual.high)
    whole = table.flag("whole", usual.whole)
    if math.isnan(low) and math.isnan(high):
        return None
    if not least <= low <= high <= most:
        raise table.wrong(
            "low and high",
            f"low <= high within {parameter.dtype}, {least:g} to {most:g}",
            f"{low:g} and {high:g}",
        )
    return Bounds(low, high, whole)


def _workload(
    table: Table,
    parameters: tuple[Parameter, ...],
    bounds: Mapping[str, Bounds],
    tolerance: Tolerance,
) -> tuple[Workload, dict[str, Bounds]]:
    name = _workload_name(table, ())
    where = f"{table.origin} {name!r}"
    buffers = [p for p in parameters if p.role != "scalar"]
    sizes = _exactly(table.table("shapes"), [p.name for p in buffers], where)
    shapes = {p.name: _shape(sizes, p.name) for p in buffers}
    sizes.finish()
    wanted = [p for p in parameters if p.role == "scalar"]
    values = _exactly(table.table("scalars", {}), [p.name for p in wanted], where)
    scalars = {p.name: _scalar(values, p) for p in wanted}
    values.finish()
    uses = _uses(table)
    own = {}
    for key, entry in table.named_tables("ranges"):
        parameter = next((p for p in parameters if p.name == key and p.role == "in"), None)
        if parameter is None:
            raise table.wrong("ranges", "names of inputs", key)
        within = _bounds(entry, parameter, bounds.get(key))
        entry.finish()
        if within:
            own[key] = within
    chosen = _tolerance(table.table("tolerance", {}), tolerance)
    table.finish()
    used = sum(ITEM_BYTES[p.dtype] * math.prod(shapes[p.name]) for p in buffers)
    if used > DATA_BYTES:
        raise InputError(
            f"{where}: expected buffers of at most {DATA_BYTES} bytes in all, found {used}"
        )
    return Workload(name, shapes, scalars, uses, chosen), own


def _workload_name(table: Table, others: Sequence[Workload]) -> str:
    name = table.text("name", pattern=re.compile(r"[\w.\-]+"))
    if any(w.name == name for w in others):
        raise table.wrong("name", "a name of its own", name)
    return name


def _uses(table: Table) -> frozenset[Use]:
    uses = table.choices("uses", get_args(Use), ("feedback", "pareto"))
    if "hidden" in uses and len(uses) > 1:
        raise table.wrong("uses", '["hidden"] alone, or "feedback" and "pareto"', str(list(uses)))
    return frozenset(cast("tuple[Use, ...]", uses))


def _exactly(table: Table, names: list[str], where: str) -> Table:
    missing = [n for n in names if n not in table]
    if missing:
        raise InputError(f"{where}: {table.name} has no entry for parameter {missing[0]!r}")
    return table


def _shape(table: Table, name: str) -> tuple[int, ...]:
    value = table.raw(name)
    items = value if isinstance(value, list) else [value]
    good = [type(n) is int and n > 0 for n in items]
    if not all(good) or len(items) > 4:
        raise table.wrong(name, "a list of at most 4 positive whole numbers", repr(value))
    return tuple(items)


def _scalar(table: Table, parameter: Parameter) -> int | float:
    value = table.number(parameter.name)
    if parameter.dtype not in INTEGERS:
        return _float_scalar(table, parameter, float(value))
    least, most = integer_limits(parameter.dtype)
    if value != int(value) or not least <= value <= most:
        raise table.wrong(parameter.name, f"a value of {parameter.dtype}", f"{value:g}")
    return int(value)


def _float_scalar(table: Table, parameter: Parameter, value: float) -> float:
    """A float as the kernel gets it; a bfloat16 must be one, so that reference and kernel agree."""
    try:
        bits = struct.pack(">f", value)
    except OverflowError as error:
        raise table.wrong(parameter.name, "a value of float32", f"{value:g}") from error
    if parameter.dtype == "bfloat16" and (any(bits[2:]) or struct.unpack(">f", bits)[0] != value):
        near = struct.unpack(">f", bits[:2] + b"\0\0")[0]
        raise table.wrong(
            parameter.name, f"a value that bfloat16 has, such as {near!r}", repr(value)
        )
    return float(struct.unpack(">f", bits)[0])


def _tolerance(table: Table, default: Tolerance) -> Tolerance:
    atol, rtol = table.number("atol", default.atol), table.number("rtol", default.rtol)
    table.finish()
    if not (0 <= atol < math.inf and 0 <= rtol < 1):
        raise table.wrong("atol and rtol", "atol >= 0 and 0 <= rtol < 1", f"{atol:g}, {rtol:g}")
    return Tolerance(float(atol), float(rtol))


def _agree(top: Table, shapes: Shapes, workloads: list[Workload]) -> None:
    for use in ("feedback", "pareto"):
        if not any(use in w.uses for w in workloads):
            raise InputError(f"{top.origin}: expected a workload with use {use!r}, found none")
    first = workloads[0]
    different = [w for w in workloads if w.shapes != first.shapes]
    if not first.shapes:
        different = [w for w in workloads if w.scalars != first.scalars]
    if shapes == "fixed" and different:
        raise InputError(
            f'{top.origin}: shapes = "fixed", but workload {different[0].name!r} has other shapes '
            f'than {workloads[0].name!r}; make them equal or say "general"'
        )
