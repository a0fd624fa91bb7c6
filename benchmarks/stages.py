"""Seconds by stage of the evaluation's own functions, run in this process."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from benchmarks.sources import Source
from kernelgepa.judge.judge import KernelJudge
from kernelgepa.npu import codegen, pipeline
from kernelgepa.protocols import Case, Execution
from kernelgepa.task import Interface

STAGES: tuple[tuple[str, ModuleType, str], ...] = (
    ("compile (clang, to IR)", pipeline, "compile_kernel"),
    ("parse the IR", pipeline, "parse"),
    ("schedule", pipeline, "analyse"),
    ("lower for the tile", pipeline, "lower"),
    ("generate code", codegen, "emit_object"),
    ("link", codegen, "link"),
    ("load the tile", pipeline, "_load"),
    ("run and profile", pipeline, "run_cases"),
)


class _Here:
    """A target that evaluates in this process, without a worker. For trusted kernels."""

    name = "npu-sim"

    def __init__(self) -> None:
        self.seconds = 0.0

    def versions(self) -> dict[str, str]:
        return {}

    def execute(self, candidate: Any, interface: Interface, cases: Sequence[Case]) -> Execution:
        start = time.perf_counter()
        done = pipeline.execute_here(candidate.source, interface, cases)
        self.seconds += time.perf_counter() - start
        return done


def seconds_by_stage(work: Sequence[Source]) -> list[tuple[str, float]]:
    """Stages in order and their median seconds, the judge's own last; the first source is run
    twice, so that no import is counted."""
    spent: dict[str, list[float]] = defaultdict(list)
    for number, source in enumerate([work[0], *work]):
        target = _Here()
        with _timed() as clock:
            start = time.perf_counter()
            KernelJudge(target).judge(source.task, source.candidate)
            whole = time.perf_counter() - start
        if number == 0:
            continue
        for stage, _, _ in STAGES:
            spent[stage].append(clock[stage])
        spent["other"].append(target.seconds - sum(clock.values()))
        spent["draw inputs, reference, compare"].append(whole - target.seconds)
    return [(stage, statistics.median(times)) for stage, times in spent.items()]


@contextmanager
def _timed() -> Iterator[dict[str, float]]:
    clock: dict[str, float] = defaultdict(float)
    kept = [(module, name, getattr(module, name)) for _, module, name in STAGES]
    for (stage, module, name), (_, _, function) in zip(STAGES, kept, strict=True):
        setattr(module, name, _stopwatch(clock, stage, function))
    try:
        yield clock
    finally:
        for module, name, function in kept:
            setattr(module, name, function)


def _stopwatch(
    clock: dict[str, float], stage: str, function: Callable[..., Any]
) -> Callable[..., Any]:
    def timed(*values: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*values)
        finally:
            clock[stage] += time.perf_counter() - start

    return timed
