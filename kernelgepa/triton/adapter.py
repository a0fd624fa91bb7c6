"""Target `triton`: compiled ahead of time in the sandbox, run on a GPU or by the interpreter."""

from __future__ import annotations

import importlib.metadata
import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from kernelgepa.candidate import KERNEL, Candidate
from kernelgepa.errors import InfrastructureError, InputError
from kernelgepa.kernelbench.source import with_sizes
from kernelgepa.launch import COMPONENT, forward_of, read
from kernelgepa.measured.contract import Built, TensorSpec
from kernelgepa.protocols import Limits, Sandbox, WorkerOutcome, Workers
from kernelgepa.sandbox import harness
from kernelgepa.sandbox.strict_json import loads
from kernelgepa.task import Task
from kernelgepa.triton import source
from kernelgepa.triton.aot import NVIDIA
from kernelgepa.triton.device import capability
from kernelgepa.triton.export import Facts, exported
from kernelgepa.verdict import Diagnostic, Quantity, Stage

LOADER = "kernelgepa.triton.loader:load"
HANDLER = "kernelgepa.triton.worker:build"
LIMITS = Limits(
    wall_seconds=240.0,  # of a machine that is busy with more
    cpu_seconds=60.0,
    memory_bytes=16 << 30,  # of addresses too, of which torch for CUDA takes many
    output_bytes=1 << 18,
    file_bytes=256 << 20,
    processes=64,
)
_ANSWER_BYTES = 1 << 20
_STAGES = {"REFUSED": Stage.REFUSED, "COMPILE": Stage.COMPILE, "BUILD": Stage.BUILD}
_PACKAGES = ("triton", "torch")


class TritonAdapter:
    """Implements `Adapter`. `jobs`: compilations at a time."""

    name = "triton"

    def __init__(self, sandbox: Sandbox, jobs: int = 1, limits: Limits = LIMITS) -> None:
        self._sandbox, self._jobs, self._limits = sandbox, jobs, limits
        self._lock = threading.Lock()
        self._workers: Workers | None = None

    def versions(self) -> Mapping[str, str]:
        return {package: _version(package) for package in _PACKAGES}

    def build(self, task: Task, candidate: Candidate, device: str) -> Built:
        """Raises InfrastructureError, never for what the candidate did wrong."""
        for component in (KERNEL, COMPONENT):
            if component not in candidate.components:
                missing = Diagnostic(f"the candidate has no component {component!r}", code="launch")
                return Built(Stage.REFUSED, (missing,))
        interpret = not device.startswith("cuda")
        number = capability(device)
        request = {
            "kernel": candidate.components[KERNEL],
            "launch": candidate.components[COMPONENT],
            "reference": _reference(task),
            "interpret": interpret,
            "capability": number or NVIDIA,
        }
        outcome = self._started().submit(json.dumps(request).encode())
        built = _built(outcome, interpret)
        if interpret or number or built.failed is not None:
            return built
        return replace(built, unverified=f"there is no CUDA device {device} here: not run")

    def export(self, task: Task, candidate: Candidate) -> str:
        """Raises InputError where it cannot be one file."""
        reference, kernel = _reference(task), candidate.components[KERNEL]
        spec = read(candidate.components[COMPONENT], "triton", forward_of(reference)).spec
        if spec is None or source.read(kernel).refused:
            raise InputError("a candidate that does not compile cannot be exported")
        request = {
            "describe": True,
            "kernel": kernel,
            "launch": candidate.components[COMPONENT],
            "reference": reference,
        }
        outcome = self._started().submit(json.dumps(request).encode())
        return exported(reference, kernel, spec, _facts(outcome))

    def close(self) -> None:
        with self._lock:
            workers, self._workers = self._workers, None
        if workers is not None:
            workers.close()

    def _started(self) -> Workers:
        with self._lock:
            if self._workers is None:
                # Triton calls ptxas, which needs the system's loader and libraries.
                system = tuple(p for p in map(Path, harness.SYSTEM) if p.exists())
                self._workers = self._sandbox.workers(
                    HANDLER, self._jobs, system, self._limits, _ANSWER_BYTES
                )
            return self._workers


def _reference(task: Task) -> str:
    """The reference's text with the numbers of its first workload that is not hidden."""
    shown = [w for w in task.workloads if "hidden" not in w.uses] or list(task.workloads)
    scalars = shown[0].scalars if shown else {}
    return with_sizes(task.module.code, {n: int(v) for n, v in scalars.items()})


def _facts(outcome: WorkerOutcome) -> Facts:
    """Of an export. Raises InputError."""
    if outcome.status != "ok":
        raise InputError(f"a candidate that does not compile cannot be exported: {outcome.detail}")
    told: Any = loads(outcome.payload, max_bytes=_ANSWER_BYTES)
    if "wrong" in told:
        raise InputError(f"it cannot be exported: {told['wrong']}")
    outputs = tuple(
        TensorSpec(tuple(map(int, o["shape"])), str(o["dtype"]), tuple(map(int, o["strides"])))
        for o in told["outputs"]
    )
    return Facts(outputs, told["tuned"], {k: tuple(v) for k, v in told["options"].items()})


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError as error:
        raise InfrastructureError(
            f"target triton needs the package {package}: pip install kernelgepa[triton]"
        ) from error


def _built(outcome: WorkerOutcome, interpret: bool) -> Built:
    if outcome.status == "error":
        raise InfrastructureError(f"a build worker failed: {outcome.detail}")
    if outcome.status != "ok":
        return Built(Stage.COMPILE, (Diagnostic(_ended(outcome), code="compiler"),))
    try:
        told: Any = loads(outcome.payload, max_bytes=_ANSWER_BYTES)
        diagnostics = tuple(_diagnostic(one) for one in told["diagnostics"])
        counters = {
            str(name)[:200]: Quantity(float(q["value"]), str(q["unit"])[:40], "static")
            for name, q in told["counters"].items()
        }
        failed = _STAGES[told["failed"]] if told["failed"] else None
        unverified = str(told["unverified"])[:2000]
    except (ValueError, TypeError, KeyError, AttributeError):
        message = "the candidate ended its compilation before it was done"
        return Built(Stage.REFUSED, (Diagnostic(message, code="compiler"),))
    if failed is not None:
        return Built(failed, diagnostics, counters=counters)
    return Built(
        diagnostics=diagnostics,
        loader=LOADER,
        payload={"interpret": b"1" if interpret else b"0"},
        counters=counters,
        unverified=unverified,
        timed=not interpret,
    )


def _ended(outcome: WorkerOutcome) -> str:
    detail = outcome.detail.strip()[-1500:]
    match outcome.status:
        case "timeout":
            return f"not compiled in time: {detail}"
        case "out_of_memory":
            return f"the compiler took too much memory: {detail}"
    return f"the compiler {outcome.status}: {detail}"


def _diagnostic(one: Mapping[str, Any]) -> Diagnostic:
    severity = one["severity"]
    if severity not in ("error", "warning", "note"):
        raise ValueError(severity)
    return Diagnostic(
        str(one["message"])[:2000],
        severity,
        None if one["line"] is None else int(one["line"]),
        None if one["column"] is None else int(one["column"]),
        str(one["source"])[:300],
        str(one["code"])[:40],
    )
