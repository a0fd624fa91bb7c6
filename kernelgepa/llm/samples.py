"""Made-up requests of every kind, to try templates with before a run begins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kernelgepa.candidate import KERNEL, Candidate
from kernelgepa.protocols import Attempt, Example, Lesson, Request
from kernelgepa.task import InputKind, Interface, ModuleReference, Parameter, Task, Workload
from kernelgepa.verdict import Diagnostic, Quantity, Stage, Timing, Verdict, WorkloadVerdict

if TYPE_CHECKING:
    import numpy as np

    from kernelgepa.task import Array


MODULES = ("cuda", "torch", "triton")  # targets whose reference is a module


class _Nothing:
    """A reference that is never asked."""

    def inputs(
        self, workload: Workload, rng: np.random.Generator, kind: InputKind
    ) -> Mapping[str, Array] | None:
        return None

    def outputs(self, workload: Workload, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        return {}


def samples(templates: str = "") -> list[Request]:
    """For every target that has a template of its own, and one that has none."""
    own = Path(templates).glob("target-*.md.j2") if templates else ()
    names = {p.name.removeprefix("target-").removesuffix(".md.j2") for p in own} - set(MODULES)
    arrays = [r for name in sorted({"npu-sim", "another", *names}) for r in _of_target(name)]
    return arrays + [_of_module(name) for name in MODULES]


def _of_target(target: str) -> list[Request]:
    task = Task(
        "sample",
        target,
        Interface("f", (Parameter("x", "in", "int8"), Parameter("n", "scalar", "int32"))),
        (Workload("w", {"x": (2, 3)}, {"n": 3}),),
        _Nothing(),
        {},
        "general",
        "What it does.",
    )
    seed = _attempt("int x;\n", 20.0)
    better = _attempt("int y;\n", 10.0, (seed.candidate.id,))
    wrong = Attempt(
        Candidate.kernel("int z;\n", (seed.candidate.id,), "llm/mutation", "a try"),
        Verdict(
            "", "sample", (WorkloadVerdict("w", Stage.COMPILE),), (Diagnostic("no such name"),)
        ),
        False,
    )
    history = (seed, better, wrong)
    leads = {seed.candidate.id: ("w",), better.candidate.id: ("w",)}
    lessons = (Lesson("compile: no", "no such name", ("a try",), "another"),)
    example = Example("other", "a change", "int a;\n", "int b;\n", 2.0)
    several = Attempt(Candidate({KERNEL: "int x;\n", "plan": "Think.\n"}), seed.verdict, True)
    return [
        Request(1, task, seed, KERNEL, "slow", (seed,)),
        Request(
            2,
            task,
            better,
            KERNEL,
            "slow",
            history,
            ("w",),
            seed,
            "slower",
            leads,
            lessons,
            example,
        ),
        Request(3, task, wrong, KERNEL, "", history, lessons=lessons, asked_before=2),
        Request(4, task, several, "plan", "bad", (several,), example=example),
        Request(5, task, several, KERNEL, "bad", (several,), partner=several, partner_feedback=""),
    ]


def _of_module(target: str) -> Request:
    """A kernel that was timed against a module."""
    task = Task(
        "sample", target, Interface("ModelNew", ()), (Workload("w", {}, {"N": 1048576}),),
        ModuleReference("N = 4\n", "N 4"), {},
    )  # fmt: skip
    parts = {KERNEL: "x\n"} | ({"launch": "y\n"} if target != "torch" else {})
    timing = Timing(2e-3, 1e-3, 2.0, 1.9, 2.1, 0.01, 12, "a device", 5e-4, "to move 8 bytes")
    figures = {"k.registers": Quantity(32, "registers", "static")}
    judged = WorkloadVerdict(
        "w", Stage.CORRECT, 1.0, objectives=figures, timing=timing, labels=("specialised",)
    )
    seed = Attempt(Candidate(parts), Verdict("", "sample", (judged,)), True)
    return Request(6, task, seed, next(reversed(parts)), "slow", (seed,))


def _attempt(source: str, cycles: float, parents: tuple[str, ...] = ()) -> Attempt:
    candidate = Candidate.kernel(source, parents, "llm/mutation" if parents else "seed", "faster")
    cost = Quantity(cycles, "cycles", "modelled")
    workloads = (WorkloadVerdict("w", Stage.CORRECT, 1.0, cost=cost),)
    return Attempt(candidate, Verdict(candidate.id, "sample", workloads), True)
