"""Expected values: a task's numpy function, or the canonical kernel itself as oracle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np

from kernelgepa.errors import InputError
from kernelgepa.task import InputKind, Interface, Parameter, Workload
from kernelgepa.tasks.arrays import Array, dtype, is_float, limits
from kernelgepa.tasks.inputs import Range, draw
from kernelgepa.tasks.schema import text_of

Function = Callable[[Mapping[str, Array], Mapping[str, int | float]], Mapping[str, Array]]
Generator = Callable[[Workload, np.random.Generator, str], Mapping[str, Array]]
USER_ERRORS = (Exception, SystemExit)  # of the user's own code, which may raise anything


@dataclass(frozen=True)
class NumpyReference:
    """A numpy function given by the task, and ranges or a generator for its inputs.

    `special` holds ranges that a workload has for itself. What the functions return is checked:
    a missing name, another shape or a value outside the type is an InputError.
    """

    function: Function
    interface: Interface
    ranges: Mapping[str, Range]
    make: Generator | None = None
    special: Mapping[str, Mapping[str, Range]] = field(default_factory=dict)
    origin: str = "reference"

    def inputs(
        self, workload: Workload, rng: np.random.Generator, kind: InputKind
    ) -> Mapping[str, Array] | None:
        if kind == "recorded":
            return None
        wanted = self.interface.of_role("in")
        if self.make is None:
            ranges = {**self.ranges, **self.special.get(workload.name, {})}
            return draw(ranges, workload.shapes, {p.name: p.dtype for p in wanted}, rng, kind)
        try:
            made = self.make(workload, rng, kind)
        except USER_ERRORS as error:
            raise InputError(f"{self.origin}: inputs() failed: {words(error)}") from error
        found = {p.name: self._shaped(made, p, workload) for p in wanted}
        return {p.name: _within(found[p.name], p, self.origin) for p in wanted}

    def outputs(self, workload: Workload, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        try:
            made = self.function(inputs, workload.scalars)
        except USER_ERRORS as error:
            raise InputError(f"{self.origin}: reference() failed: {words(error)}") from error
        wanted = self.interface.of_role("out")
        found = {p.name: self._shaped(made, p, workload) for p in wanted}
        return {
            p.name: np.asarray(found[p.name], dtype=np.float64)
            if is_float(p.dtype)
            else _within(found[p.name], p, self.origin)
            for p in wanted
        }

    def _shaped(self, made: object, parameter: Parameter, workload: Workload) -> Array:
        kind, name = parameter.role, parameter.name
        if not isinstance(made, Mapping) or name not in made:
            raise InputError(f"{self.origin}: expected a value for {kind} {name!r}, found none")
        shape = tuple(np.shape(made[name]))
        if shape != workload.shapes[name]:
            raise InputError(
                f"{self.origin}: {kind} {name!r} has shape {shape}, workload {workload.name!r} "
                f"says {workload.shapes[name]}"
            )
        return np.asarray(made[name])


def _within(values: Array, parameter: Parameter, origin: str) -> Array:
    """Values as the parameter's type holds them; integers must fit."""
    if not is_float(parameter.dtype):
        least, most = limits(parameter.dtype)
        low, high = values.min(), values.max()
        if not least <= low <= high <= most or not np.array_equal(values, np.round(values)):
            raise InputError(
                f"{origin}: {parameter.role} {parameter.name!r} has values from {low} to {high}, "
                f"expected whole ones that {parameter.dtype} holds"
            )
    return values.astype(dtype(parameter.dtype))


def words(error: BaseException) -> str:
    """What the user's own code raised, on one line."""
    return f"{type(error).__name__}: {error}".splitlines()[0]


@dataclass(frozen=True)
class OracleReference:
    """The canonical kernel, executed where candidates are, on inputs they have not seen.

    `outputs` holds only for the recorded inputs; for others the judge runs `source`.
    """

    source: str
    interface: Interface
    ranges: Mapping[str, Range]
    recorded_inputs: Mapping[str, Array]
    recorded_outputs: Mapping[str, Array]

    def inputs(
        self, workload: Workload, rng: np.random.Generator, kind: InputKind
    ) -> Mapping[str, Array] | None:
        if kind == "recorded":
            return self.recorded_inputs or None
        dtypes = {p.name: p.dtype for p in self.interface.of_role("in")}
        return draw(self.ranges, workload.shapes, dtypes, rng, kind)

    def outputs(self, workload: Workload, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        if inputs is not self.recorded_inputs:
            raise InputError("the oracle has values only for the recorded inputs")
        return self.recorded_outputs


def load_module(path: Path) -> ModuleType:
    """A task's reference.py, the user's own code, as a module. Raises InputError."""
    module = ModuleType(f"kernelgepa_task_{path.parent.name}")
    module.__file__ = str(path)
    try:
        exec(compile(text_of(path), str(path), "exec"), module.__dict__)
    except USER_ERRORS as error:
        raise InputError(f"{path} does not load: {words(error)}") from error
    if not callable(getattr(module, "reference", None)):
        raise InputError(f"{path}: expected a function reference(inputs, scalars), found none")
    return module
