"""NPUEval records: a prompt with a stub, a canonical body, one recorded vector."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from kernelgepa.errors import InputError
from kernelgepa.kernelbench.problems import PREFIX
from kernelgepa.task import DTYPES, Interface, Parameter, Task, Tolerance, Workload
from kernelgepa.tasks import source
from kernelgepa.tasks.arrays import Array, dtype, is_float, limits
from kernelgepa.tasks.inputs import Range
from kernelgepa.tasks.reference import OracleReference
from kernelgepa.tasks.schema import DATA_BYTES, text_of

KEYS = ("kernel_name", "prompt", "canonical_solution", "test_vectors")
DEFAULT_TOLERANCE = 0.01  # where the record gives none


def names(path: Path) -> list[str]:
    """Kernel names of a file of records, in order. Raises InputError."""
    return [record["kernel_name"] for record in _records(path)]


def load(path: Path, name: str) -> Task:
    """The task of one record. Raises InputError."""
    known = []
    found = []
    for record in _records(path):
        known.append(record["kernel_name"])
        if record["kernel_name"] == name:
            found.append(record)
    if len(found) > 1:
        raise InputError(f"{path} has {len(found)} records named {name!r}, expected one")
    if found:
        return task_of(found[0], f"{path}#{name}")
    near = difflib.get_close_matches(name, known, 3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(known[:5])} ..."
    raise InputError(f"{path} has no record {name!r} among {len(known)}; {hint}")


def line(path: Path, name: str) -> str:
    """One record alone, as a file of records. Raises InputError."""
    found = [r for r in _records(path) if r["kernel_name"] == name]
    if not found:
        raise InputError(f"{path} has no record {name!r}")
    return json.dumps(found[0]) + "\n"


def each(path: Path) -> Iterator[tuple[str, Callable[[], Task]]]:
    """Every record's name, and what makes its task. Raises InputError, as does the making."""
    for record in _records(path):
        name = record["kernel_name"]
        yield name, partial(task_of, record, f"{path}#{name}")


def _records(path: Path) -> list[Mapping[str, Any]]:
    found = []
    for number, line in enumerate(text_of(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"{path} line {number}: expected a JSON record, found text that is not JSON"
            ) from error
        missing = [k for k in KEYS if not isinstance(record, dict) or k not in record]
        if missing:
            rows = isinstance(record, dict) and {"code", "problem_id"} <= set(record)
            hint = f"; rows of KernelBench's are {PREFIX}{path}" if rows else ""
            raise InputError(
                f"{path} line {number}: expected an NPUEval record, key {missing[0]!r} is "
                f"missing{hint}"
            )
        odd = [k for k in KEYS[:3] if not isinstance(record[k], str)]
        if odd:
            raise InputError(f"{path} line {number}: {odd[0]}: expected a text")
        half = [k for k in KEYS[:3] if re.search(r"[\ud800-\udfff]", record[k])]
        if half:
            raise InputError(f"{path} line {number}: {half[0]}: has half a character (a surrogate)")
        found.append(record)
    return found


def _vectors(record: Mapping[str, Any], origin: str) -> dict[str, list[tuple[str, str, Array]]]:
    """Arrays of inputs, outputs and runtime parameters, in the record's order."""
    raw = record["test_vectors"]
    made = {}
    for key in ("inputs", "outputs", "rtps"):
        listed = raw.get(key) if isinstance(raw, Mapping) else None
        if key == "rtps" and listed is None:
            listed = []
        if not isinstance(listed, list) or not (listed or key == "rtps"):
            raise InputError(f"{origin}: test_vectors: expected a list of {key}, found none")
        made[key] = [_array(v, origin) for v in listed]
    return made


def _array(vector: object, origin: str) -> tuple[str, str, Array]:
    if not isinstance(vector, Mapping):
        raise InputError(f"{origin}: test_vectors: expected an object with one name and a dtype")
    kind = vector.get("dtype")
    names_ = [k for k in vector if k != "dtype"]
    if kind not in DTYPES or len(names_) != 1:
        raise InputError(
            f"{origin}: expected a vector with one name and a dtype of {', '.join(DTYPES)}, "
            f"found {sorted(vector)} with dtype {kind!r}"
        )
    try:
        raw = np.asarray(vector[names_[0]])
    except ValueError as error:
        raise InputError(f"{origin}: values of {names_[0]!r} are not numbers of a shape") from error
    if raw.size == 0:
        raise InputError(f"{origin}: {names_[0]!r} has no values")
    if raw.dtype.kind not in "iufb":
        raise InputError(f"{origin}: values of {names_[0]!r} are not numbers of a shape")
    wide = raw.astype(np.float64)
    if not is_float(kind):
        least, most = limits(kind)
        if not np.all((wide >= least) & (wide <= most) & (wide == np.round(wide))):
            raise InputError(f"{origin}: {names_[0]!r} has values that {kind} does not hold")
    with np.errstate(over="ignore"):
        made = wide.astype(dtype(kind))
    return names_[0], kind, made


def _finite(values: list[tuple[str, str, Array]], origin: str) -> None:
    """Outputs may be infinite or NaN, what goes in may not: no range follows from it."""
    for name, _, array in values:
        if not np.all(np.isfinite(array.astype(np.float64))):
            raise InputError(f"{origin}: {name!r} has values that are not finite")


def task_of(record: Mapping[str, Any], origin: str) -> Task:
    """A task with fixed shapes whose oracle is the canonical kernel."""
    name, prompt = record["kernel_name"], record["prompt"]
    vectors = _vectors(record, origin)
    inputs, outputs, constants = vectors["inputs"], vectors["outputs"], vectors["rtps"]
    _finite([*inputs, *constants], origin)
    signature = source.find(prompt, name, origin)
    parameters = source.interface_of(signature, len(inputs))
    _check(signature, parameters, [*inputs, *outputs], constants, origin)
    buffers = [p for p in parameters if p.role != "scalar"]
    data = dict(zip([p.name for p in buffers], [a for _, _, a in [*inputs, *outputs]], strict=True))
    scalars = _scalars(parameters, constants, origin)
    canonical = source.with_body(prompt, signature, record["canonical_solution"])
    interface = Interface(name, parameters)
    workload = Workload(
        "recorded",
        {n: tuple(a.shape) for n, a in data.items()},
        scalars,
        frozenset({"feedback", "pareto"}),
        _tolerance(record, origin),
    )
    recorded_in = {p.name: data[p.name] for p in interface.of_role("in")}
    recorded_out = {p.name: data[p.name] for p in interface.of_role("out")}
    ranges = {p.name: Range.observed(data[p.name], p.dtype) for p in interface.of_role("in")}
    digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]
    return Task(
        name,
        "npu-sim",
        interface,
        (workload,),
        OracleReference(canonical, interface, ranges, recorded_in, recorded_out),
        {"canonical": canonical, "stub": prompt},
        "fixed",
        _description(prompt),
        origin,
        digest,
    )


def _check(
    signature: source.Signature,
    parameters: tuple[Parameter, ...],
    buffers: list[tuple[str, str, Array]],
    constants: list[tuple[str, str, Array]],
    origin: str,
) -> None:
    pointers = [p for p in parameters if p.role != "scalar"]
    if len(pointers) != len(buffers) or len(parameters) - len(pointers) != len(constants):
        raise InputError(
            f"{origin}: {signature.name} takes {len(pointers)} buffers and "
            f"{len(parameters) - len(pointers)} scalars, the record has {len(buffers)} vectors and "
            f"{len(constants)} runtime parameters"
        )
    for p, (vector, kind, _) in zip(pointers, buffers, strict=True):
        if p.dtype != kind:
            raise InputError(
                f"{origin}: {signature.name} has `{p.dtype} *{p.name}`, the record's vector "
                f"{vector!r} is {kind}"
            )
    used = sum(array.nbytes for _, _, array in buffers)
    if used > DATA_BYTES:
        raise InputError(
            f"{origin}: expected buffers of at most {DATA_BYTES} bytes in all, found {used}"
        )


def _tolerance(record: Mapping[str, Any], origin: str) -> Tolerance:
    given = record.get("tolerances") or {}
    found = []
    for key in ("atol", "rtol"):
        value: object = given.get(key, DEFAULT_TOLERANCE) if isinstance(given, Mapping) else given
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e30:
            raise InputError(f"{origin}: tolerances: expected {key} of 0 or more, found {value!r}")
        found.append(float(value))
    return Tolerance(*found)


def _scalars(
    parameters: tuple[Parameter, ...], constants: list[tuple[str, str, Array]], origin: str
) -> dict[str, int | float]:
    """Runtime parameters by name, else by order."""
    wanted = [p for p in parameters if p.role == "scalar"]
    given = {n: a for n, _, a in constants}
    if set(given) != {p.name for p in wanted}:
        given = {p.name: a for p, (_, _, a) in zip(wanted, constants, strict=True)}
    found: dict[str, int | float] = {}
    for p in wanted:
        if given[p.name].size != 1:
            raise InputError(
                f"{origin}: runtime parameter {p.name!r} has {given[p.name].size} values, "
                "expected one"
            )
        value = float(given[p.name].reshape(-1)[0])
        found[p.name] = value if is_float(p.dtype) else _whole(value, p, origin)
    return found


def _whole(value: float, parameter: Parameter, origin: str) -> int:
    least, most = limits(parameter.dtype)
    if value != int(value) or not least <= value <= most:
        raise InputError(
            f"{origin}: runtime parameter {parameter.name!r}: expected a value that "
            f"{parameter.dtype} holds, found {value:g}"
        )
    return int(value)


def _description(prompt: str) -> str:
    match = re.search(r"/\*(.*?)\*/", prompt, re.DOTALL)
    return match[1].strip() if match else ""
