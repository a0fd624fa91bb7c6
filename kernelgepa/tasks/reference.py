"""Expected values: a task's numpy function, or the canonical kernel itself as oracle."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kernelgepa.errors import InputError
from kernelgepa.task import InputKind, Interface, Workload
from kernelgepa.tasks.arrays import Array, dtype
from kernelgepa.tasks.inputs import Range, draw

Function = Callable[[Mapping[str, Array], Mapping[str, int | float]], Mapping[str, Array]]


@dataclass(frozen=True)
class NumpyReference:
    """A numpy function given by the task, and ranges or a generator for its inputs."""

    function: Function
    interface: Interface
    ranges: Mapping[str, Range]
    make: Callable[[Workload, np.random.Generator, str], Mapping[str, Array]] | None = None

    def inputs(
        self, workload: Workload, rng: np.random.Generator, kind: InputKind
    ) -> Mapping[str, Array] | None:
        if kind == "recorded":
            return None
        if self.make is not None:
            return self.make(workload, rng, kind)
        dtypes = {p.name: p.dtype for p in self.interface.of_role("in")}
        return draw(self.ranges, workload.shapes, dtypes, rng, kind)

    def outputs(self, workload: Workload, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        made = self.function(inputs, workload.scalars)
        for p in self.interface.of_role("out"):
            if p.name not in made:
                raise InputError(f"reference: expected a value for output {p.name!r}, found none")
            shape = tuple(np.shape(made[p.name]))
            if shape != workload.shapes[p.name]:
                raise InputError(
                    f"reference: output {p.name!r} has shape {shape}, workload {workload.name!r} "
                    f"says {workload.shapes[p.name]}"
                )
        return made


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


def load_module(path: Path) -> Any:
    """A task's reference.py, the user's own code, as a module. Raises InputError."""
    spec = importlib.util.spec_from_file_location(f"kernelgepa_task_{path.parent.name}", path)
    if spec is None or spec.loader is None:
        raise InputError(f"cannot load {path} as Python")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (SyntaxError, ImportError, NameError, OSError) as error:
        raise InputError(f"{path} does not load: {error}") from error
    if not callable(getattr(module, "reference", None)):
        raise InputError(f"{path}: expected a function reference(inputs, scalars), found none")
    return module


def as_type(values: Array, name: str) -> Array:
    """Expected values as the parameter's type holds them, for integers; floats stay wide."""
    if name in ("bfloat16", "float32"):
        return np.asarray(values, dtype=np.float64)
    return np.asarray(values).astype(dtype(name))
