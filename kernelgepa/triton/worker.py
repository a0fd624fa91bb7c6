"""What the build worker does with a candidate: read, check its launches, compile. In the sandbox.

Imported by the process that forks workers, so that each of them finds torch and triton loaded.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
import triton.compiler  # noqa: F401  # loaded for all workers

from kernelgepa.launch import COMPONENT, Launch, LaunchError, Plan, Spec, evaluate, forward_of, read
from kernelgepa.measured.contract import TensorSpec
from kernelgepa.triton import aot, facts, limits, source
from kernelgepa.triton.module import (
    Kernel,
    NotLaunchable,
    Raised,
    execute,
    kernel_of,
    limited,
    line_of,
    mismatch,
    with_constants,
)
from kernelgepa.triton.tensors import at, spec_of
from kernelgepa.verdict import Diagnostic, Quantity

torch.set_num_threads(1)
_IMPORT_SECONDS = 10.0
# Loads what tensors without content need, once for all workers.
facts.of_problem(
    "import torch\nclass Model(torch.nn.Module):\n    def forward(self, x):\n        return x + 1\n"
    "get_inputs, get_init_inputs = lambda: [torch.rand(2)], lambda: []\n"
)


@dataclass
class Answer:
    """What is told of a build; `failed` names a Stage."""

    failed: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    counters: dict[str, Quantity] = field(default_factory=dict)
    unverified: str = ""

    def fails(self, stage: str, *found: Diagnostic) -> Answer:
        self.failed = stage
        self.diagnostics.extend(found)
        return self

    def encoded(self) -> bytes:
        return json.dumps(asdict(self)).encode()


def build(request: bytes) -> bytes:
    """{"kernel", "launch", "reference", "interpret", "capability"} -> an Answer. With "describe":
    what an export needs.
    """
    os.environ["TRITON_CACHE_DIR"] = str(Path.cwd() / "cache")
    asked = json.loads(request)
    if asked.get("describe"):
        return _described(asked)
    read_source = source.read(asked["kernel"])
    answer = Answer()
    if read_source.refused:
        syntax = any(d.code == "syntax" for d in read_source.refused)
        return answer.fails("COMPILE" if syntax else "REFUSED", *read_source.refused).encoded()
    spec = read(asked[COMPONENT], "triton", forward_of(asked["reference"]))
    if spec.spec is None:
        return answer.fails("REFUSED", *spec.diagnostics).encoded()
    known, why = _known(asked["reference"])
    if why:
        message = (
            f"types and shapes of the reference's tensors are not known before it runs ({why}): "
            "nothing is compiled ahead of time"
        )
        answer.diagnostics.append(read_source.note(message, code="unknown-types"))
    answer.diagnostics.extend(limits.undefined(read_source))
    if asked["interpret"]:
        dtypes = (*(known.dtypes if known else ()), *_allocated(spec.spec))
        answer.diagnostics.extend(limits.notes(read_source, dtypes))
        answer.unverified = "; ".join(limits.reasons(read_source, dtypes))
    plan = _compile(answer, read_source, spec.spec, known, asked["capability"])
    if asked["interpret"] and plan is not None and not answer.unverified:
        answer.unverified = limits.too_many(one.grid for one in plan.launches)
    return answer.encoded()


def _described(asked: dict[str, Any]) -> bytes:
    """What an export needs: {"outputs", "tuned", "options"}, or {"wrong"}."""
    with Raised() as raised:
        known, why = _known(asked["reference"])
        if known is None or why:
            raise ValueError(f"the reference's outputs are not known: {why}")
        spec = read(asked[COMPONENT], "triton", forward_of(asked["reference"])).spec
        if spec is None:
            raise ValueError("its launch specification is wrong")
        module = execute(asked["kernel"])
        kernels = [kernel_of(module, one.kernel) for one in spec.launches]
        told = {
            "outputs": [asdict(o) for o in known.outputs],
            "tuned": {k.name: dict(k.tuned) for k in kernels},
            "options": {k.name: list(k.options) for k in kernels},
        }
    if raised.error is not None:
        told = {"wrong": f"{raised.error}"[:1000]}
    return json.dumps(told).encode()


def _known(reference: str) -> tuple[facts.Facts | None, str]:
    """The facts, and why some are missing."""
    try:
        found = facts.of_problem(reference)
    except facts.Unknown as unknown:
        return None, str(unknown)
    return found, found.unknown


def _allocated(spec: Spec) -> tuple[str, ...]:
    return tuple(b.dtype for b in (*spec.buffers, *(spec.outputs or ())) if b.dtype)


def _compile(
    answer: Answer, text: source.Source, spec: Spec, known: facts.Facts | None, capability: int
) -> Plan | None:  # fmt: skip
    module = None
    with Raised() as raised, limited(_IMPORT_SECONDS):
        module = execute(text.text)
    if module is None or raised.error is not None:
        error = raised.error
        said = f"{type(error).__name__}: {error}"[:1500]
        answer.fails("COMPILE", text.at(said, line_of(error), code="import") if error
                     else text.at("not executed"))  # fmt: skip
        return None
    plan = None
    try:
        kernels = [kernel_of(module, one.kernel) for one in spec.launches]
        if known is not None and not known.unknown:
            plan = planned(spec, known, kernels)
    except (NotLaunchable, LaunchError) as error:
        answer.fails("COMPILE", Diagnostic(str(error), code="launch"))
        return None
    for kernel, one in zip(kernels, spec.launches, strict=True):
        wrong = mismatch(kernel, len(one.args), one.constants)
        if wrong:
            answer.fails("COMPILE", Diagnostic(wrong, code="launch"))
            return None
        answer.diagnostics.extend(_tuned(kernel, text))
    if plan is not None and known is not None:
        _machine_code(_Work(answer, text, aot.targets(capability)), kernels, plan, known)
    return plan


def _tuned(kernel: Kernel, text: source.Source) -> Iterator[Diagnostic]:
    if kernel.configurations > 1:
        yield text.note(
            f"{kernel.name} is tuned where it runs on a GPU; what is told here is of the first of "
            f"its {kernel.configurations} configurations",
            text.functions.get(kernel.name),
            "autotune",
        )


def planned(spec: Spec, known: facts.Facts, kernels: Sequence[Kernel]) -> Plan:
    """The plan for the first workload, with constants that decorators set. Raises LaunchError."""
    packed = spec.contiguous
    given = [with_constants(s, k.tuned) for s, k in zip(spec.launches, kernels, strict=True)]
    spec = replace(spec, launches=tuple(given))
    return evaluate(spec, known.inputs(packed), known.module(packed), known.outputs)


@dataclass(frozen=True)
class _Work:
    """What all compilations of a candidate share. The first of `targets` decides."""

    answer: Answer
    text: source.Source
    targets: Mapping[str, Any]


def _machine_code(
    work: _Work, kernels: Sequence[Kernel], plan: Plan, known: facts.Facts
) -> None:  # fmt: skip
    by_name = {k.name: k for k in kernels}
    names = {**known.names, **{a.name: a.spec for a in (*plan.outputs, *plan.buffers)}}
    done: set[object] = set()
    for launch in plan.launches:
        tensors = tuple(_spec(at(a.path, names)) for a in launch.arguments if a.kind == "tensor")
        key = (
            launch.kernel,
            tuple(t.dtype for t in tensors),
            tuple(map(str, launch.constants.items())),
        )
        if key in done:
            continue
        done.add(key)
        _one(work, by_name[launch.kernel], launch, tensors)
        if work.answer.failed:
            return


def _spec(found: Any) -> TensorSpec:
    return found if isinstance(found, TensorSpec) else spec_of(found)


def _one(work: _Work, kernel: Kernel, launch: Launch, tensors: Sequence[TensorSpec]) -> None:
    answer, text = work.answer, work.text
    primary, *others = work.targets
    found, problems = aot.attempt(kernel, launch, tensors, work.targets, primary, text)
    if found is None:
        answer.fails("COMPILE", *problems)
        return
    _add(answer, found)
    if found.problem:
        line = text.functions.get(kernel.name)
        answer.fails("BUILD", text.at(found.problem, line, code="shared"))
        return
    for target in others:
        other, problems = aot.bounded(kernel, launch, tensors, work.targets, target, text)
        if other is not None:
            _add(answer, other)
        for one in problems[:1]:
            message = f"not for {target}: {one.message}"
            answer.diagnostics.append(Diagnostic(message, "note", one.line, None, one.source))


def _add(answer: Answer, found: aot.Compiled) -> None:
    """The largest of each counter where a kernel is launched in several ways."""
    for name, quantity in found.counters.items():
        before = answer.counters.get(name)
        if before is None or before.value < quantity.value:
            answer.counters[name] = quantity
