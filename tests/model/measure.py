"""Runs the micro-kernels on the simulated NPU and returns what the cycle model says of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from kernelgepa.npu.pipeline import execute_here
from kernelgepa.protocols import Case
from kernelgepa.task import Interface, Parameter
from kernelgepa.verdict import LoopProfile, Profile

HERE = Path(__file__).parent
FIGURES = ("ii", "length", "stages", "recurrence", "spills", "trips", "entries", "loop_cycles",
           "cycles")  # fmt: skip
_BUFFER = re.compile(r"(?P<name>\w+):(?P<type>\w+)(?:\*(?P<items>\d+))?(?:=(?P<value>\d+))?$")


@dataclass(frozen=True)
class Derived:
    """What was derived by hand for one micro-kernel."""

    name: str
    buffers: str
    figures: Mapping[str, int]
    reason: str
    arithmetic: str


@cache
def derivations() -> tuple[Derived, ...]:
    """All rows of derivations.toml."""
    rows: dict[str, dict[str, Any]] = tomllib.loads((HERE / "derivations.toml").read_text())
    return tuple(
        Derived(
            name,
            row["buffers"],
            {key: row[key] for key in FIGURES if key in row},
            row.get("reason", ""),
            row["arithmetic"],
        )
        for name, row in rows.items()
    )


def _dtype(name: str) -> np.dtype[Any]:
    return np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)


def profile(source: str, buffers: str) -> Profile:
    """Compiles and runs `void k(...)` once; inputs are ones. `buffers` as in derivations.toml."""
    before, _, after = buffers.partition("->")
    parameters, inputs, outputs = [], {}, {}
    scalars: dict[str, float] = {}
    for role, words in (("in", before.split()), ("out", after.split())):
        for word in words:
            found = _BUFFER.match(word)
            assert found, f"not a buffer: {word}"
            name, dtype = found["name"], _dtype(found["type"])
            if found["items"] is None:
                parameters.append(Parameter(name, "scalar", found["type"]))
                scalars[name] = float(found["value"] or 1)
                continue
            writable = role == "in" and not after.strip()
            parameters.append(Parameter(name, "inout" if writable else role, found["type"]))
            data = np.ones(int(found["items"]), dtype)
            if found["value"]:
                data[-1] = int(found["value"])
            if role == "in":
                inputs[name] = data.tobytes()
            if role == "out" or writable:
                outputs[name] = data.nbytes
    case = Case("one", inputs, outputs, scalars, profile=True)
    done = execute_here(source, Interface("k", tuple(parameters)), [case])
    assert done.cases, done.diagnostics
    assert done.cases[0].profile is not None, done.cases[0].diagnostics
    return done.cases[0].profile


@cache
def measured(name: str) -> Profile:
    """Profile of one micro-kernel."""
    row = next(d for d in derivations() if d.name == name)
    return profile((HERE / "kernels" / f"{name}.cc").read_text(), row.buffers)


def figures(found: Profile) -> dict[str, int | None]:
    """The model's figures of the loop that takes the most cycles, and of the whole."""
    loop = innermost(found)
    if loop is None:
        return {"cycles": found.cycles}
    return {
        "ii": loop.ii,
        "length": loop.length,
        "stages": loop.stages,
        "recurrence": loop.recurrence_bound,
        "spills": loop.spills,
        "trips": loop.trips,
        "entries": loop.entries,
        "loop_cycles": loop.cycles,
        "cycles": found.cycles,
    }


def innermost(found: Profile) -> LoopProfile | None:
    """The deepest loop; the most expensive one of several."""
    return max(found.loops, key=lambda p: (p.depth, p.cycles), default=None)


@dataclass(frozen=True)
class Measured:
    """One hardware point: cycles, and the kernel that does the same work."""

    name: str
    cycles: int
    device: str
    source: str
    buffers: str


@cache
def hardware() -> tuple[Measured, ...]:
    """All rows of calibration.toml."""
    rows: dict[str, dict[str, Any]] = tomllib.loads((HERE / "calibration.toml").read_text())
    return tuple(
        Measured(
            name,
            row["cycles"],
            row["device"],
            (HERE / "calibration" / f"{name}.cc").read_text(),
            row["buffers"],
        )
        for name, row in rows.items()
    )
