"""Whether a task is in order: it loads, its parts agree, and its seed is correct where it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

import numpy as np

from kernelgepa import tasks
from kernelgepa.candidate import Candidate
from kernelgepa.errors import InputError
from kernelgepa.judge.judge import KernelJudge
from kernelgepa.judge.secret import Secret
from kernelgepa.protocols import Target
from kernelgepa.task import INTEGERS, InputKind, ModuleReference, Task, Tolerance, Workload
from kernelgepa.tasks.arrays import Array
from kernelgepa.tasks.reference import OracleReference
from kernelgepa.verdict import Diagnostic, Stage, Verdict, WorkloadVerdict

PUBLIC = Secret(b"inputs of a check are no secret.")  # so that two checks say the same
Inputs = Mapping[str, Array]


def problems(spec: str, target: Target | None) -> list[str]:
    """Sentences, in the order found; empty where the task is in order."""
    try:
        return of_task(tasks.load(spec), target)
    except InputError as error:
        return [str(error)]


def of_task(task: Task, target: Target | None) -> list[str]:
    """The same of a task that has loaded."""
    if isinstance(task.reference, ModuleReference):
        return []  # its files agree, or it had not loaded; nothing of it runs here
    try:
        found = _degenerate(task, {w.name: _wanted(task, w) for w in task.workloads})
        if found or target is None:
            return found
        seed = Candidate.kernel(task.seeds["canonical"])
        return _seed(KernelJudge(target, secret=PUBLIC).whole(task, seed))
    except InputError as error:
        return [str(error)]


def inputs_of(task: Task, workload: Workload) -> Iterator[tuple[InputKind, Inputs]]:
    """One set of inputs of every kind the task has. Raises InputError."""
    kinds: tuple[InputKind, ...] = get_args(InputKind)
    for kind in kinds:
        made = task.arrays.inputs(workload, PUBLIC.generator(workload.name, kind), kind)
        if made is not None:
            yield kind, made


Wanted = Mapping[str, list[Array]]


def _wanted(task: Task, workload: Workload) -> dict[str, list[Array]]:
    """Expected values of every output; an oracle has none but for recorded inputs."""
    found: dict[str, list[Array]] = {p.name: [] for p in task.interface.of_role("out")}
    for kind, inputs in inputs_of(task, workload):
        if isinstance(task.reference, OracleReference) and kind != "recorded":
            continue
        for name, values in task.arrays.outputs(workload, inputs).items():
            if not np.all(np.isfinite(values.astype(np.float64))):
                raise InputError(
                    f"workload {workload.name!r}, {kind} inputs: the reference of {name!r} has "
                    "values that are not finite"
                )
            found[name].append(values.astype(np.float64))
    return found


def _degenerate(task: Task, wanted: Mapping[str, Wanted]) -> list[str]:
    """Outputs that a kernel gets right without its inputs, in all workloads of the search."""
    if isinstance(task.reference, OracleReference) or not task.interface.of_role("in"):
        return []
    judged = [w for w in task.workloads if "hidden" not in w.uses]
    found = []
    for p in task.interface.of_role("out"):
        reasons = [
            _constant(
                wanted[w.name][p.name], Tolerance(0, 0) if p.dtype in INTEGERS else w.tolerance
            )
            for w in judged
        ]
        if all(reasons):
            found.append(f"workload {judged[0].name!r}: {reasons[0].format(repr(p.name))}")
    return found


def _constant(sets: list[Array], tolerance: Tolerance) -> str:
    """Why a kernel that never reads its inputs would pass, of an output's expected values."""
    every = np.stack(sets)
    slack = tolerance.atol + tolerance.rtol * np.abs(every)
    low, high = every - slack, every + slack
    if low.max() <= high.min():
        return (
            f"a kernel that writes {(low.max() + high.min()) / 2:g} everywhere passes as {{}}; "
            "give wider ranges, or a smaller tolerance"
        )
    if every.shape[1:] and np.all(low.max(axis=0) <= high.min(axis=0)):
        return "{} is the same for all inputs drawn, so a table of constants passes"
    return ""


def _seed(verdict: Verdict) -> list[str]:
    """What is wrong with the seed."""
    if verdict.stage <= Stage.BUILD:
        return [f"the seed does not build: {_first(verdict.diagnostics, verdict.stage)}"]
    return [_wrong(w) for w in verdict.workloads if not w.correct]


def _wrong(verdict: WorkloadVerdict) -> str:
    place = f"workload {verdict.workload!r}: the seed"
    if verdict.stage <= Stage.RUN or not verdict.mismatches:
        return f"{place} traps: {_first(verdict.diagnostics, verdict.stage)}"
    worst = verdict.mismatches[0]
    index, expected, got = worst.worst[0]
    return (
        f"{place} differs from the reference in {worst.total - worst.matching} of {worst.total} "
        f"elements of {worst.output!r}; element {index}: expected {expected:g}, found {got:g}"
    )


def _first(notes: tuple[Diagnostic, ...], stage: Stage) -> str:
    note = next((n for n in notes if n.severity == "error"), None)
    if note is None:
        return stage.name.lower()
    return f"line {note.line}: {note.message}" if note.line else note.message
