"""A task of one's own from a Python function: a folder, or a Task object.

The function, called on numpy arrays, is the reference. Its bfloat16 arguments arrive as float32.
"""

from __future__ import annotations

import hashlib
import inspect
import math
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from kernelgepa.errors import InputError
from kernelgepa.task import (
    DTYPES,
    INTEGERS,
    ITEM_BYTES,
    Interface,
    Parameter,
    Task,
    Tolerance,
    Use,
    Workload,
)
from kernelgepa.tasks import newfiles, schema, source
from kernelgepa.tasks.arrays import Array, dtype, limits
from kernelgepa.tasks.checking import inputs_of
from kernelgepa.tasks.folder import KERNEL, REFERENCE
from kernelgepa.tasks.inputs import Range
from kernelgepa.tasks.reference import USER_ERRORS, NumpyReference, words
from kernelgepa.tasks.trace import emit, graph

ROUNDING = "conv_even"  # numpy's
FORM = 'expected --inputs as "float32[1024],int8[8,64]": an element type and a shape for each'
# What an input may be, tried in turn until the function's values are finite: floats, integers.
FLOATS = ((-4.0, 4.0), (0.0, 4.0), (0.125, 4.0), (1.0, 2.0))
TAKEN = frozenset(
    """alignas alignof and asm auto bool break case catch char class const constexpr continue
    default delete do double else enum explicit export extern false float for friend goto if inline
    int long main mutable namespace new not operator or private protected public register return
    short signed sizeof static struct switch template this throw true try typedef typeid typename
    union unsigned using virtual void volatile while xor aie bfloat16 out abs div labs""".split()  # noqa: SIM905
)
OUTPUTS = {
    "bool": "uint8", "int64": "int32", "uint64": "uint32", "float64": "float32",
    "float16": "float32",
}  # fmt: skip


@dataclass(frozen=True)
class Given:
    """One argument of the function, as the user describes it. `within`: values it may take."""

    dtype: str
    shape: tuple[int, ...]
    within: Range | None = None


@dataclass(frozen=True)
class Made:
    """A task and, where its seed is empty, why the function could not be followed."""

    task: Task
    ranges: Mapping[str, Range]
    special: Mapping[str, Mapping[str, Range]]
    why: str


def parse(text: str) -> tuple[Given, ...]:
    """What --inputs says. Raises InputError."""
    one = r"\s*(\w+)\s*\[\s*(\d+(?:\s*,\s*\d+)*)\s*\]\s*"
    if not re.fullmatch(rf"{one}(?:,{one})*", text):
        raise InputError(f"{FORM}, found {text!r}")
    found = []
    for name, sizes in re.findall(one, text):
        shape = tuple(int(s) for s in sizes.split(","))
        if name not in DTYPES:
            raise InputError(f"unknown element type {name!r}; expected one of {', '.join(DTYPES)}")
        if 0 in shape or len(shape) > 4:
            raise InputError(f"expected 1 to 4 sizes above 0, found {name}[{sizes}]")
        found.append(Given(name, shape))
    return tuple(found)


def folder(name: str, origin: str, inputs: str) -> str:
    """Makes the task folder `name` of `file.py:function`; a sentence where its seed is empty."""
    path = Path(name)
    if path.exists() or path.is_symlink():
        raise InputError(f"{name} exists already; choose another name")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", path.name):
        raise InputError(
            f"{path.name!r} is no name for a task: expected lower-case letters, digits and _"
        )
    if not path.parent.is_dir():
        raise InputError(f"{path.parent} is not a folder; expected one to make {path.name} in")
    file, _, wanted = origin.rpartition(":")
    if not file or not wanted:
        raise InputError(f"expected --from as file.py:function, found {origin!r}")
    given = parse(inputs)
    text, function = _function(Path(file), wanted)
    if _of_torch(function):
        raise InputError(
            f"{origin} works on tensors of torch; ask from Python, by kernelgepa.optimize("
            f"{wanted}, example_inputs=[...]), or give a file with Model and get_inputs"
        )
    made = task_of(function, given, path.name, origin)
    files = {
        schema.FILE: newfiles.toml(made.task, made.ranges, made.special),
        REFERENCE: newfiles.reference(text, wanted, made.task),
        KERNEL: made.task.seeds.get("canonical", made.task.seeds["stub"]),
    }
    try:
        path.mkdir()
        for file_name, content in files.items():
            (path / file_name).write_text(content, encoding="utf-8")
    except OSError as error:
        shutil.rmtree(path, ignore_errors=True)
        raise InputError(f"cannot write {path}: {error.strerror}") from error
    return made.why


def _of_torch(function: Callable[..., Any]) -> bool:
    """Whether a function reads the module torch, or a part of it."""
    code = getattr(function, "__code__", None)
    read = [getattr(function, "__globals__", {}).get(n) for n in code.co_names] if code else []
    modules = [m.__name__ for m in read if isinstance(m, ModuleType)]
    return any(name.partition(".")[0] == "torch" for name in modules)


def in_memory(function: Callable[..., Any], examples: Sequence[Any]) -> Task:
    """A task of a function; element types, shapes and ranges of values are the examples'.

    Its only start is "stub" where the function cannot be followed. Raises InputError.
    """
    given = []
    for number, example in enumerate(examples, 1):
        data = np.asarray(example)
        name = {"float64": "float32", "int64": "int32"}.get(data.dtype.name, data.dtype.name)
        if name not in DTYPES or not data.size or data.ndim > 4:
            raise InputError(
                f"example input {number} is {data.dtype}{list(data.shape)}; expected an array of "
                f"{', '.join(DTYPES)} with 1 to 4 dimensions"
            )
        seen = Range.observed(data.astype(dtype(name)), name)
        usual = seen if seen.low < seen.high else None
        given.append(Given(name, data.shape or (1,), usual))
    plain = re.sub(r"\W|^[\d_]+", "", getattr(function, "__name__", "").lower(), flags=re.ASCII)
    made = task_of(function, tuple(given), plain or "function", f"function {plain or '(no name)'}")
    return made.task


def task_of(function: Callable[..., Any], given: tuple[Given, ...], name: str, origin: str) -> Made:
    """The task of a function. Raises InputError where it is none."""
    names = _names(function, len(given), origin)
    _fits(given, (), origin)
    ins = [Parameter(n, "in", g.dtype) for n, g in zip(names, given, strict=True)]
    shapes, outs = _outputs(function, given, names, origin)
    _fits(given, tuple(zip([o.dtype for o in outs], shapes, strict=True)), origin)
    called = name + "_kernel" if name in TAKEN | set(emit.CALLS) else name
    interface = Interface(called, (*ins, *outs), ROUNDING)
    sizes = dict(zip([p.name for p in interface.parameters], [g.shape for g in given] + shapes,
                     strict=True))  # fmt: skip
    reference = _wrapped(function, interface, sizes)
    ranges = _ranges(given, names, interface, sizes, reference, origin)
    special = _special(ranges, interface)
    numpy = NumpyReference(reference, interface, ranges, None, special, origin)
    uses: dict[str, tuple[Use, ...]] = {
        "all": ("feedback", "pareto"), "middle": ("pareto",), "upper": ("hidden",),
        "lower": ("hidden",),
    }  # fmt: skip
    workloads = tuple(_toleranced(numpy, Workload(w, sizes, {}, frozenset(uses[w]))) for w in uses)
    summary = _summary(function, name)
    seeds, why = _seeds(function, interface, sizes, ranges, summary)
    task = Task(
        name, schema.TARGETS[0], interface, workloads, numpy, seeds, "fixed", summary, origin
    )  # fmt: skip
    return Made(replace(task, digest=_digest(task)), ranges, special, why)


def _function(path: Path, name: str) -> tuple[str, Callable[..., Any]]:
    """The text of the user's file, and a function of it. Runs the file."""
    if not path.is_file():
        what = "is no file" if path.exists() else "does not exist"
        raise InputError(f"{path} {what}; expected --from as file.py:function")
    text = schema.text_of(path)
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    try:
        exec(compile(text, str(path), "exec"), module.__dict__)
    except USER_ERRORS as error:
        raise InputError(f"{path} does not load: {words(error)}") from error
    found = getattr(module, name, None)
    if not callable(found):
        known = [n for n, v in vars(module).items() if inspect.isfunction(v)]
        raise InputError(f"{path} has no function {name!r}; it has {', '.join(known) or 'none'}")
    return text, found


def _names(function: Callable[..., Any], count: int, origin: str) -> list[str]:
    """Names of the arguments, as C++ can have them."""
    try:
        signature = inspect.signature(function)
        signature.bind(*range(count))
    except ValueError:
        return [f"x{n}" for n in range(count)]
    except TypeError as error:
        raise InputError(f"{origin} does not take {count} inputs: {error}") from error
    names = []
    for parameter in signature.parameters.values():
        if parameter.kind == parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}{n}" for n in range(count)]
        else:
            names.append(parameter.name)
    plain = [re.sub(r"\W", "_", n, flags=re.ASCII) for n in names[:count]]
    # The kernel's own variables are a letter or a word and a number.
    return [
        f"{n}_" if n in TAKEN or re.fullmatch(r"(i|v|sum|max|min|table)\d+", n) else n
        for n in plain
    ]


def _fits(given: Sequence[Given], outs: Sequence[tuple[str, tuple[int, ...]]], origin: str) -> None:
    every = [(g.dtype, g.shape) for g in given] + list(outs)
    used = sum(ITEM_BYTES[d] * math.prod(s) for d, s in every)
    if used > schema.DATA_BYTES:
        raise InputError(
            f"{origin}: inputs and outputs take {used} bytes, expected at most "
            f"{schema.DATA_BYTES}, the memory of a tile; use smaller shapes"
        )


def _outputs(
    function: Callable[..., Any], given: Sequence[Given], names: Sequence[str], origin: str
) -> tuple[list[tuple[int, ...]], list[Parameter]]:
    ones = [np.ones(g.shape, dtype(g.dtype)) for g in given]
    made = _called(function, ones, origin)
    try:
        with np.errstate(all="ignore"):
            native = _listed(function(*(o.copy() for o in ones)))
        types = [n.dtype.name for n in native]
    except USER_ERRORS:  # it does not take bfloat16 itself
        types = ["bfloat16" for m in made]
    first = "out" if "out" not in names else "result"
    found = []
    for number, (value, kind) in enumerate(zip(made, types, strict=True)):
        name = value.dtype.name if value.dtype.kind != "f" else kind
        name = OUTPUTS.get(name, name)
        if name not in DTYPES or not value.size or value.ndim > 4:
            raise InputError(
                f"{origin} returns {value.dtype}{list(value.shape)}; expected an array of numbers"
            )
        found.append(Parameter(first if len(made) == 1 else f"{first}{number}", "out", name))
    return [v.shape or (1,) for v in made], found


def _called(function: Callable[..., Any], arrays: Sequence[Array], origin: str) -> list[Array]:
    try:
        with np.errstate(all="ignore"):
            return _listed(function(*(_plain(a) for a in arrays)))
    except USER_ERRORS as error:
        raise InputError(f"{origin} fails on arrays of ones: {words(error)}") from error


def _plain(values: Array) -> Array:
    return np.array(values, np.float32 if values.dtype.name == "bfloat16" else values.dtype)


def _listed(result: Any) -> list[Array]:
    if result is None:
        raise TypeError("it returns nothing")
    return [np.asarray(r) for r in (result if isinstance(result, (tuple, list)) else [result])]


def _wrapped(
    function: Callable[..., Any], interface: Interface, sizes: Mapping[str, tuple[int, ...]]
) -> Callable[..., Mapping[str, Array]]:
    """The function as a reference: outputs by name, whole numbers as their type holds them."""
    ins, outs = interface.of_role("in"), interface.of_role("out")

    def reference(inputs: Mapping[str, Array], scalars: object) -> Mapping[str, Array]:
        with np.errstate(all="ignore"):
            made = _listed(function(*(_plain(inputs[p.name]) for p in ins)))
            return {
                p.name: np.reshape(
                    m.astype(p.dtype) if p.dtype in INTEGERS else m, sizes[p.name]
                )
                for p, m in zip(outs, made, strict=True)
            }  # fmt: skip

    return reference


def _ranges(
    given: Sequence[Given],
    names: Sequence[str],
    interface: Interface,
    sizes: Mapping[str, tuple[int, ...]],
    reference: Callable[..., Mapping[str, Array]],
    origin: str,
) -> dict[str, Range]:
    """Ranges in which every value of the function is finite."""
    workload = Workload("all", sizes)
    for low, high in FLOATS:
        ranges = {}
        for name, one in zip(names, given, strict=True):
            if one.within is not None:
                ranges[name] = one.within
            elif one.dtype in INTEGERS:
                least, most = limits(one.dtype) if ITEM_BYTES[one.dtype] < 4 else (-1000, 1000)
                ranges[name] = Range(max(least, most * low, limits(one.dtype)[0]), most, True)
                if low > 0:
                    ranges[name] = Range(1, most, True)
            else:
                ranges[name] = Range(low, high)
        task = _probe(interface, workload, NumpyReference(reference, interface, ranges, None, {},
                                                          origin))  # fmt: skip
        every = [o for _, i in inputs_of(task, workload)
                 for o in task.arrays.outputs(workload, i).values()]  # fmt: skip
        if all(np.all(np.isfinite(o.astype(np.float64))) for o in every):
            return ranges
    raise InputError(f"{origin} has values that are not finite for every range of inputs tried")


def _probe(interface: Interface, workload: Workload, reference: NumpyReference) -> Task:
    return Task("probe", "", interface, (workload,), reference, {})


def _special(ranges: Mapping[str, Range], interface: Interface) -> dict[str, dict[str, Range]]:
    """Parts of the ranges that the further workloads draw from."""
    types = {p.name: p.dtype for p in interface.parameters}

    def part(name: str, within: Range, low: float, high: float) -> Range:
        width = within.high - within.low
        ends = [within.low + width * low, within.low + width * high]
        if types[name] in INTEGERS or within.whole:
            ends = [math.floor(e) for e in ends]
        return replace(within, low=ends[0], high=ends[1])

    cuts = {"middle": (0.375, 0.625), "upper": (0.5, 1.0), "lower": (0.0, 0.5)}
    return {w: {n: part(n, r, *cut) for n, r in ranges.items()} for w, cut in cuts.items()}


def _toleranced(reference: NumpyReference, workload: Workload) -> Workload:
    """The workload, its absolute tolerance small beside the values that are usual in it."""
    task = _probe(reference.interface, workload, reference)
    usual = []
    for _, inputs in inputs_of(task, workload):
        for values in reference.outputs(workload, inputs).values():
            usual.append(math.sqrt(float(np.mean(np.square(values.astype(np.float64))))))
    size = float(np.median(usual))
    atol = min(0.01, float(f"{0.01 * size:.0e}")) if size else 0.01
    return replace(workload, tolerance=Tolerance(atol, 0.01))


def _seeds(
    function: Callable[..., Any],
    interface: Interface,
    sizes: Mapping[str, tuple[int, ...]],
    ranges: Mapping[str, Range],
    note: str,
) -> tuple[dict[str, str], str]:
    """Kernels to start from, and why there is only a stub."""
    declared = ", ".join(
        f"{emit.C_TYPE[p.dtype]} *{p.name}" for p in interface.parameters
    )  # fmt: skip
    stub = (
        f'/*\n{note}\n*/\n#include <aie_api/aie.hpp>\n#include "aie_kernel_utils.h"\n\n'
        f"void {interface.function}({declared}) {{\n{source.STUB_BODY}\n}}\n"
    )
    inputs = [
        (
            p.name,
            _plain(np.ones(sizes[p.name], dtype(p.dtype))),
            (int(ranges[p.name].low), int(ranges[p.name].high)) if p.dtype in INTEGERS else None,
        )
        for p in interface.of_role("in")
    ]
    try:
        with np.errstate(all="ignore"):
            nodes = graph.trace(function, inputs)
            text = emit.kernel(interface.function, interface.parameters, nodes, note)
    except USER_ERRORS as error:
        reason = str(error) if isinstance(error, graph.UntraceableError) else words(error)
        return {"stub": stub}, f"the function cannot be followed into a kernel: {reason}"
    return {"canonical": text, "stub": stub}, ""


def _summary(function: Callable[..., Any], name: str) -> str:
    lines = (inspect.getdoc(function) or "").strip().splitlines()
    own = getattr(function, "__name__", "")
    named = f"The Python function {own if own.isidentifier() else name}."
    text = lines[0] if lines and inspect.isfunction(function) else named
    return "".join(c for c in text if c.isprintable()).replace("*/", "* /").replace("\\", "/")


def _digest(task: Task) -> str:
    """Of the kernel, the ranges and what the function makes of inputs that are always the same."""
    digest = hashlib.sha256(repr((task.interface, task.workloads, task.seeds)).encode())
    for workload in task.workloads:
        for kind, inputs in inputs_of(task, workload):
            digest.update(kind.encode())
            for values in (*inputs.values(), *task.arrays.outputs(workload, inputs).values()):
                digest.update(values.tobytes())
    return digest.hexdigest()[:16]
