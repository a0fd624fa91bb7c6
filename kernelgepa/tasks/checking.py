"""Whether a task is in order: it loads, its parts agree, and its seed is correct where it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from kernelgepa import tasks
from kernelgepa.candidate import Candidate
from kernelgepa.errors import InputError
from kernelgepa.protocols import Case, Target
from kernelgepa.task import ITEM_BYTES, InputKind, Interface, Task, Tolerance, Workload
from kernelgepa.tasks.arrays import Array, dtype, from_bytes, is_float
from kernelgepa.tasks.reference import OracleReference
from kernelgepa.verdict import Stage

if TYPE_CHECKING:
    from kernelgepa.protocols import CaseResult

SEED = 20_240_601  # inputs of a check need not be secret
Inputs = Mapping[str, Array]


def problems(spec: str, target: Target | None) -> list[str]:
    """Sentences, in the order found; empty where the task is in order."""
    try:
        task = tasks.load(spec)
        drawn = [(w, kind, made) for w in task.workloads for kind, made in inputs_of(task, w)]
        expected = [_expected(task, w, made) for w, _, made in drawn]
    except InputError as error:
        return [str(error)]
    found = []
    for (workload, kind, _), outputs in zip(drawn, expected, strict=True):
        place = f"workload {workload.name!r}, {kind} inputs"
        found += [f"{place}: {s}" for s in _not_finite(outputs)]
    if found or target is None:
        return found
    return _run(task, target, drawn, expected)


def inputs_of(task: Task, workload: Workload) -> Iterator[tuple[InputKind, Inputs]]:
    """One set of inputs of every kind the task has. Raises InputError."""
    kinds: tuple[InputKind, ...] = ("recorded", "fresh", "edge")
    for kind in kinds:
        made = task.reference.inputs(workload, np.random.default_rng(SEED), kind)
        if made is not None:
            yield kind, made


def case_of(interface: Interface, workload: Workload, inputs: Inputs, name: str) -> Case:
    """The execution that runs these inputs."""
    sizes = {
        p.name: ITEM_BYTES[p.dtype] * int(np.prod(workload.shapes[p.name], dtype=np.int64))
        for p in interface.of_role("out")
    }
    raw = {p.name: inputs[p.name].tobytes() for p in interface.of_role("in")}
    return Case(name, raw, sizes, workload.scalars)


def _expected(task: Task, workload: Workload, inputs: Inputs) -> Mapping[str, Array]:
    """The reference's values; an oracle has none but for recorded inputs."""
    reference = task.reference
    if isinstance(reference, OracleReference) and inputs is not reference.recorded_inputs:
        return {}
    return reference.outputs(workload, inputs)


def _not_finite(outputs: Mapping[str, Array]) -> list[str]:
    return [
        f"the reference of {name!r} has values that are not finite"
        for name, values in outputs.items()
        if not np.all(np.isfinite(values.astype(np.float64)))
    ]


def _run(
    task: Task,
    target: Target,
    drawn: list[tuple[Workload, InputKind, Inputs]],
    expected: list[Mapping[str, Array]],
) -> list[str]:
    cases = [
        case_of(task.interface, workload, made, f"{workload.name}/{kind}")
        for workload, kind, made in drawn
    ]
    done = target.execute(Candidate.kernel(task.seeds["canonical"]), task.interface, cases)
    if done.stage < Stage.RUN:
        first = next((d for d in done.diagnostics if d.severity == "error"), None)
        line = f" in line {first.line}" if first and first.line else ""
        return [f"the seed does not build{line}: {first.message if first else done.stage.name}"]
    found = []
    for (workload, kind, _), want, result in zip(drawn, expected, done.cases, strict=True):
        place = f"workload {workload.name!r}, {kind} inputs"
        found += [f"{place}: {s}" for s in _differences(task, workload, want, result)]
    return found


def _differences(
    task: Task, workload: Workload, want: Mapping[str, Array], result: CaseResult
) -> list[str]:
    if result.diagnostics:
        return [f"the seed traps: {result.diagnostics[0].message}"]
    found = []
    for p in task.interface.of_role("out"):
        got = from_bytes(result.outputs[p.name], p.dtype, workload.shapes[p.name])
        if p.name not in want:
            continue
        wrong = differing(got, want[p.name], p.dtype, workload.tolerance)
        if len(wrong):
            at = int(wrong[0])
            found.append(
                f"the seed's {p.name!r} differs from the reference in {len(wrong)} of {got.size} "
                f"elements; the first is {at}: expected {want[p.name].reshape(-1)[at]}, "
                f"found {got.reshape(-1)[at]}"
            )
    return found


def differing(got: Array, want: Array, kind: str, tolerance: Tolerance) -> Array:
    """Flat indexes of elements outside |got - want| <= atol + rtol |want|; integers are exact."""
    if not is_float(kind):
        return np.flatnonzero(got.reshape(-1) != want.reshape(-1).astype(dtype(kind)))
    left, right = got.astype(np.float64).reshape(-1), want.astype(np.float64).reshape(-1)
    with np.errstate(invalid="ignore"):
        near = np.abs(left - right) <= tolerance.atol + tolerance.rtol * np.abs(right)
    return np.flatnonzero(~(near | (left == right)))
