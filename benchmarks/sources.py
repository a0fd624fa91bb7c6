"""Correct kernels that differ in what they compile to: seeds of tasks, and what the playbook
made of them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kernelgepa import session
from kernelgepa.candidate import Candidate
from kernelgepa.engine.budget import Budget
from kernelgepa.npu import pipeline
from kernelgepa.npu.frontend import compile_kernel
from kernelgepa.npu.oplib import library, precompiled
from kernelgepa.runs.settings import Settings
from kernelgepa.task import Task
from kernelgepa.tasks import load

BUDGET = 8  # playbook proposals a task


@dataclass(frozen=True)
class Source:
    """A kernel, its task, and a hash of the WebAssembly module it is linked to."""

    task: Task
    candidate: Candidate
    program: str


def sources(names: Sequence[str]) -> list[Source]:
    """All that are correct, one for each program."""
    found: dict[str, Source] = {}
    for name in names:
        task = load(name)
        for candidate in _correct(task):
            program = _program(task, candidate)
            found.setdefault(program, Source(task, candidate, program))
    return list(found.values())


def _correct(task: Task) -> Iterator[Candidate]:
    with tempfile.TemporaryDirectory() as folder:
        found = session.optimize(task, Settings(budget=Budget(BUDGET), cache=False), Path(folder))
    for attempt in found.attempts:
        if attempt.verdict.correct:
            yield Candidate.kernel(attempt.candidate.source)


def _program(task: Task, candidate: Candidate) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        compiled = compile_kernel(candidate.source, task.interface, path, precompiled(library()))
        built = pipeline.build(compiled.ir, path, library(), 1 << 16)
    return hashlib.sha256(built.linked.binary).hexdigest()
