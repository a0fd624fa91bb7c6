"""Turns executions into verdicts. The only holder of the secret and of expected values."""

from __future__ import annotations

import hashlib
import threading
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from kernelgepa.candidate import Candidate
from kernelgepa.errors import InfrastructureError, InputError
from kernelgepa.judge.asking import Asking
from kernelgepa.judge.compare import Comparison, compare
from kernelgepa.judge.secret import Secret
from kernelgepa.protocols import Case, CaseResult, Execution, Target
from kernelgepa.task import ITEM_BYTES, InputKind, Interface, Task, Tolerance, Workload
from kernelgepa.tasks.arrays import Array, from_bytes
from kernelgepa.tasks.reference import OracleReference
from kernelgepa.verdict import (
    Diagnostic,
    Mismatch,
    Policy,
    Profile,
    Quantity,
    Stage,
    Verdict,
    WorkloadVerdict,
)

_RULES = Path(__file__).with_name("tolerance.toml")
SHOWN_MISMATCHES = 3
ORACLE_STACK_BYTES = 16 * 1024
# What an oracle does on its recorded input, and still reproduces the output, others may do too.
HABITS = frozenset({"input-changed", "state"})


@cache
def rules() -> Mapping[str, Any]:
    """Policies and numbers of inputs, from tolerance.toml."""
    return tomllib.loads(_RULES.read_text(encoding="utf-8"))


@cache
def _hash() -> str:
    files = sorted([*Path(__file__).parent.glob("*.py"), _RULES])
    return hashlib.sha256(b"\0".join(f.read_bytes() for f in files)).hexdigest()[:16]


@dataclass(frozen=True)
class _Set:
    """One set of inputs of a workload, as drawn; `case` is what the target sees of it."""

    workload: Workload
    kind: InputKind
    inputs: Mapping[str, Array]
    case: Case


@dataclass(frozen=True)
class _Proof:
    """What an oracle has shown: the stack it needs, and expected values of its recorded inputs."""

    stack_bytes: int
    recorded: Mapping[str, Array]
    habits: frozenset[str] = frozenset()


class KernelJudge(Asking):
    """Judges kernels on one target. May be called from several threads."""

    ties = 0.0

    def __init__(
        self, target: Target, policy: Policy = "strict", secret: Secret | None = None
    ) -> None:
        self.policy: str = policy
        self._target = target
        super().__init__(secret)
        self._integers: str = rules()["policy"][policy]["integers"]
        self._proven: dict[str, _Proof] = {}
        self._lock = threading.Lock()

    def versions(self) -> Mapping[str, str]:
        """Versions and hashes of target, toolchain, comparison and tolerances."""
        return {**self._target.versions(), "judge": _hash(), "numpy": np.__version__}

    def _judge(
        self, task: Task, candidate: Candidate, workloads: Sequence[Workload], secret: Secret
    ) -> Verdict:
        start = time.perf_counter()
        sets = [s for w in workloads for s in draw(task, candidate, w, secret)]
        interface = self._interface(task)
        done = self._target.execute(candidate, interface, [s.case for s in sets])
        if done.stage <= Stage.BUILD:
            judged = tuple(WorkloadVerdict(w.name, done.stage) for w in workloads)
        else:
            wanted = self._wanted(task, interface, sets)
            cases = self._accepted(task, done.cases)
            judged = tuple(self._workload(task, w, sets, cases, wanted) for w in workloads)
        return Verdict(
            candidate.id,
            task.name,
            judged,
            done.diagnostics,
            self.versions(),
            self.policy,
            time.perf_counter() - start,
        )

    def _interface(self, task: Task) -> Interface:
        """How kernels of this task are called. Raises InputError where its oracle is no oracle.

        The canonical kernel of a record ran on hardware, so the stack there held what it needs.
        """
        if not isinstance(task.reference, OracleReference):
            return task.interface
        need = self._proof(task, task.reference).stack_bytes
        return replace(task.interface, stack_bytes=max(task.interface.stack_bytes, need))

    def _accepted(self, task: Task, results: Sequence[CaseResult]) -> list[CaseResult]:
        """Results without complaints about what the task's oracle does itself."""
        if not isinstance(task.reference, OracleReference):
            return list(results)
        return [_without(r, self._proof(task, task.reference).habits) for r in results]

    def _proof(self, task: Task, reference: OracleReference) -> _Proof:
        with self._lock:
            known = self._proven.get(task.digest)
        if known is None:
            known = self._prove(task, reference)
            with self._lock:
                self._proven[task.digest] = known
        return known

    def _wanted(
        self, task: Task, interface: Interface, sets: Sequence[_Set]
    ) -> list[Mapping[str, Array] | None]:
        """Expected values of every set, from the reference or from the oracle kernel.

        None for inputs on which the oracle itself traps: these are not valid inputs.
        """
        reference = task.arrays
        if not isinstance(reference, OracleReference):
            return [reference.outputs(s.workload, s.inputs) for s in sets]
        plain = [replace(s.case, profile=False) for s in sets if s.kind != "recorded"]
        ran = self._accepted(task, self._oracle(task, reference, interface, plain).cases)
        if ran and all(c.diagnostics for c in ran):
            raise InputError(
                f"{task.origin}: the canonical kernel does not run on inputs like its recorded "
                f"ones: {ran[0].diagnostics[0].message}"
            )
        results = iter(ran)
        recorded = self._proof(task, reference).recorded
        return [
            recorded if s.kind == "recorded" else _computed(interface, s.workload, next(results))
            for s in sets
        ]

    def _oracle(
        self,
        task: Task,
        reference: OracleReference,
        interface: Interface,
        cases: Sequence[Case],
    ) -> Execution:
        """What the canonical kernel computes. Raises InputError where it does not compile."""
        ran = self._target.execute(Candidate.kernel(reference.source), interface, cases)
        if ran.stage <= Stage.BUILD:
            why = ran.diagnostics[0].message if ran.diagnostics else ran.stage.name.lower()
            raise InputError(f"{task.origin}: the canonical kernel cannot be built: {why}")
        return ran

    def _prove(self, task: Task, reference: OracleReference) -> _Proof:
        """The oracle counts only once it has reproduced its recorded vector. Raises InputError.

        Records allow their tolerance on integers too; what the kernel computes exactly is what
        candidates must then compute, so integers are taken from it and floats from the record.
        """
        workload = task.workloads[0]
        interface = replace(task.interface, stack_bytes=ORACLE_STACK_BYTES)
        inputs = reference.recorded_inputs
        if not inputs:
            return _Proof(task.interface.stack_bytes, {})
        case = replace(_case(task, workload, "recorded", 0, inputs), profile=True)
        ran = self._oracle(task, reference, interface, [case]).cases[0]
        result = _without(ran, HABITS)
        if result.diagnostics or result.profile is None:
            raise InputError(
                f"{task.origin}: the canonical kernel does not run on its recorded input: "
                f"{result.diagnostics[0].message if result.diagnostics else 'no profile'}"
            )
        made = _arrays(task.interface, workload, result)
        for p in task.interface.of_role("out"):
            found = compare(
                p, made[p.name], reference.recorded_outputs[p.name], workload.tolerance, "tolerance"
            )
            if found.mismatch:
                raise InputError(
                    f"{task.origin}: the canonical kernel does not reproduce the recorded output "
                    f"{p.name!r} ({found.matching} of {found.total} elements match); the record "
                    "cannot serve as a reference"
                )
        recorded = {**reference.recorded_outputs}
        recorded |= {n: a for n, a in made.items() if np.issubdtype(a.dtype, np.integer)}
        habits = frozenset(d.code for d in ran.diagnostics)
        return _Proof(result.profile.stack_bytes, recorded, habits)

    def _workload(
        self,
        task: Task,
        workload: Workload,
        sets: Sequence[_Set],
        results: Sequence[CaseResult],
        wanted: Sequence[Mapping[str, Array] | None],
    ) -> WorkloadVerdict:
        mine = [
            (s, r, w)
            for s, r, w in zip(sets, results, wanted, strict=True)
            if s.workload is workload and w is not None
        ]
        traps = [_named(d, s.kind) for s, r, _ in mine for d in r.diagnostics]
        compared = [
            c
            for s, r, w in mine
            if not r.diagnostics
            for c in self._compare(task.interface, s.workload, r, w)
        ]
        total = sum(_elements(s.workload, task.interface) for s, _, _ in mine)
        share = sum(c.matching for c in compared) / total if total else 0.0
        mismatches = [c.mismatch for c in compared if c.mismatch]
        if traps or mismatches:
            stage = Stage.RUN if traps else Stage.COMPARE
            return WorkloadVerdict(
                workload.name, stage, share, _distinct(traps), _worst(mismatches)
            )
        profiles = [r.profile for _, r, _ in mine if r.profile is not None]
        slowest = max(profiles, key=lambda p: p.cycles, default=None)
        if slowest is None:
            raise InfrastructureError(f"no profile of workload {workload.name!r} came back")
        cost = Quantity(float(slowest.cycles), "cycles", slowest.tag)
        further = objectives(slowest)
        return WorkloadVerdict(workload.name, Stage.CORRECT, 1.0, (), (), cost, slowest, further)

    def _compare(
        self,
        interface: Interface,
        workload: Workload,
        result: CaseResult,
        want: Mapping[str, Array],
    ) -> list[Comparison]:
        got = _arrays(interface, workload, result)
        tolerance: Tolerance = workload.tolerance
        return [
            compare(p, got[p.name], want[p.name], tolerance, self._integers)
            for p in interface.of_role("out")
        ]


def draw(task: Task, candidate: Candidate, workload: Workload, secret: Secret) -> list[_Set]:
    """All sets of inputs of a workload, each seeded by HMAC(secret, candidate, workload)."""
    counts = rules()["inputs"]
    few = _elements(workload, task.interface) <= counts["few_elements"]
    wanted: Mapping[InputKind, int] = counts["few" if few else "many"]
    made: list[_Set] = []
    for kind, count in wanted.items():
        for index in range(count):
            rng = secret.generator(candidate.id, task.digest, workload.name, kind, str(index))
            inputs = task.arrays.inputs(workload, rng, kind)
            if inputs is not None:
                case = _case(task, workload, kind, index, inputs)
                made.append(_Set(workload, kind, inputs, case))
    if not made:
        raise InputError(f"task {task.name}: no inputs can be drawn for {workload.name!r}")
    return made


def _case(
    task: Task, workload: Workload, kind: InputKind, index: int, inputs: Mapping[str, Array]
) -> Case:
    for p in task.interface.of_role("in"):
        found = tuple(inputs[p.name].shape) if p.name in inputs else None
        if found != tuple(workload.shapes[p.name]):
            raise InputError(
                f"task {task.name}: input {p.name!r} of workload {workload.name!r} has shape "
                f"{found}, expected {tuple(workload.shapes[p.name])}"
            )
    return Case(
        f"{workload.name}/{kind}/{index}",
        {p.name: inputs[p.name].tobytes() for p in task.interface.of_role("in")},
        {
            p.name: _count(workload.shapes[p.name]) * ITEM_BYTES[p.dtype]
            for p in task.interface.of_role("out")
        },
        workload.scalars,
        # Cycles of edge values are not shown: they may lead down paths real data never takes.
        profile=kind in ("recorded", "fresh"),
    )


def _count(shape: Sequence[int]) -> int:
    return int(np.prod(shape, dtype=np.int64))


def _elements(workload: Workload, interface: Interface) -> int:
    return sum(_count(workload.shapes[p.name]) for p in interface.of_role("out"))


def _arrays(interface: Interface, workload: Workload, result: CaseResult) -> dict[str, Array]:
    return {
        p.name: from_bytes(result.outputs[p.name], p.dtype, workload.shapes[p.name])
        for p in interface.of_role("out")
    }


def _computed(
    interface: Interface, workload: Workload, result: CaseResult
) -> Mapping[str, Array] | None:
    """The outputs, or None where the run trapped."""
    return None if result.diagnostics else _arrays(interface, workload, result)


def _without(result: CaseResult, codes: frozenset[str]) -> CaseResult:
    kept = tuple(d for d in result.diagnostics if d.code not in codes)
    return replace(result, diagnostics=kept)


def _named(note: Diagnostic, kind: InputKind) -> Diagnostic:
    where = f"{note.message} (on {kind.replace('_', ' ')} inputs)"
    return Diagnostic(where, note.severity, note.line, note.column, note.source, note.code)


def _distinct(notes: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """One per cause and line, the first of each."""
    kept: dict[tuple[str, int | None], Diagnostic] = {}
    for note in notes:
        kept.setdefault((note.code, note.line), note)
    return tuple(kept.values())[:SHOWN_MISMATCHES]


def _worst(mismatches: Sequence[Mismatch]) -> tuple[Mismatch, ...]:
    """The first mismatch (of recorded or fresh inputs) and those with the fewest matches."""
    rest = sorted(mismatches[1:], key=lambda m: m.matching / m.total)
    return tuple([*mismatches[:1], *rest][:SHOWN_MISMATCHES])


def objectives(profile: Profile) -> Mapping[str, Quantity]:
    """What keeps several parents alive where a task has one workload only; lower is better."""
    moved = profile.bytes_loaded + profile.bytes_stored
    return {
        "idle vector share": Quantity(1.0 - profile.utilisation, "", profile.tag),
        "bytes moved": Quantity(float(moved), "bytes", profile.tag),
        "library cycles": Quantity(float(profile.library_cycles), "cycles", profile.tag),
    }


__all__ = ["Execution", "KernelJudge", "Policy", "draw", "rules"]
