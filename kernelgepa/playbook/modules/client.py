"""The graph of a task's reference, traced in the sandbox. Once for each task."""

from __future__ import annotations

import json
import re
from pathlib import Path

from kernelgepa.errors import InfrastructureError, InputError
from kernelgepa.kernelbench.source import with_sizes
from kernelgepa.playbook.modules import graph
from kernelgepa.playbook.modules.graph import Graph, Unsupported
from kernelgepa.protocols import Limits
from kernelgepa.sandbox import harness
from kernelgepa.task import Task

HANDLER = "kernelgepa.playbook.modules.trace:handle"
LIMITS = Limits(wall_seconds=120.0, cpu_seconds=90.0, memory_bytes=8 << 30)
_TRACED = 4  # shapes that are looked at


def traced(task: Task) -> Graph:
    """Raises Unsupported where it cannot be traced, or not alike for all shapes."""
    from kernelgepa.sandbox import open_sandbox  # noqa: PLC0415

    try:
        codes = _codes(task)
        request = json.dumps({"codes": codes[:_TRACED]}).encode()
        sandbox = open_sandbox()
        try:
            # torch loads libraries of the system.
            system = tuple(p for p in map(Path, harness.SYSTEM) if p.exists())
            workers = sandbox.workers(HANDLER, 1, system, LIMITS)
            try:
                outcome = workers.submit(request)
            finally:
                workers.close()
        finally:
            sandbox.close()
    except (InfrastructureError, InputError) as error:
        raise Unsupported(f"its forward could not be traced: {error}") from error
    if outcome.status != "ok":
        said = _raised(outcome.detail) or outcome.status
        raise Unsupported(f"its forward could not be traced: {said[:300]}")
    return graph.merged(graph.read(outcome.payload))


def _raised(trace: str) -> str:
    """The line of a traceback that names what was raised; more lines may follow it."""
    lines = trace.strip().splitlines()
    named = [line for line in lines if re.match(r"[A-Za-z_][\w.]*: \S", line)]
    return next(reversed(named), "") or "".join(lines[-1:])


def _codes(task: Task) -> list[str]:
    """The reference's text at each of the task's sizes, each once. Raises InputError."""
    code = task.module.code
    sizes = [{k: int(v) for k, v in w.scalars.items()} for w in task.workloads]
    return list(dict.fromkeys(with_sizes(code, s) for s in sizes)) or [code]
