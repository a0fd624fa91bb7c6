"""The seams of measured targets: what a target makes of a candidate, and how a worker calls it.

A reference is a module of torch in KernelBench's contract (`ModuleReference`). A target's adapter
compiles a candidate without running it; a loader, in the worker, makes a module of what came of it.

    adapter.build(task, candidate, device) -> Built         in the judge's process
    loader(components, payload, context) -> class           in the worker
    class(*get_init_inputs())(*get_inputs()) -> tensors     in the worker, like ModelNew
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from kernelgepa.candidate import Candidate
from kernelgepa.task import Task
from kernelgepa.verdict import Diagnostic, Quantity, Stage


@dataclass(frozen=True)
class Built:
    """What came of a candidate before anything of it has run.

    `failed` is the stage it did not pass, None where it was built. `payload` is given to `loader`
    ("package.module:function"). `unverified` says why it cannot be run here (no GPU, a type the
    interpreter computes wrongly): there is then no verdict on its correctness, and never a time.
    """

    failed: Stage | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    loader: str = ""
    payload: Mapping[str, bytes] = field(default_factory=dict)
    counters: Mapping[str, Quantity] = field(default_factory=dict)  # static: registers, spills
    unverified: str = ""
    compiles: bool = False  # it compiles more itself, when it is loaded or constructed
    timed: bool = True  # False: what it takes here says nothing (Triton's interpreter)


# How closely it is looked at where a correct kernel's time goes. "full": by ncu, where it may.
Profiling = Literal["none", "quick", "full"]


class Adapter(Protocol):
    """A kind of candidate: "torch", "cuda" or "triton". May be used from several threads."""

    name: str

    def versions(self) -> Mapping[str, str]:
        """Versions of compilers and libraries that decide a verdict."""

    def build(self, task: Task, candidate: Candidate, device: str) -> Built:
        """Compiles in the sandbox, runs nothing. `device`: "cpu", "cuda:0", ...

        Raises InfrastructureError, never for what the candidate did wrong.
        """

    def export(self, task: Task, candidate: Candidate) -> str:
        """The candidate as a file that defines ModelNew and needs torch, not kernelgepa."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class TensorSpec:
    """Shape, dtype ("float32") and strides of a tensor, in elements."""

    shape: tuple[int, ...]
    dtype: str
    strides: tuple[int, ...]


@dataclass(frozen=True)
class Context:
    """What a loader may use in the worker."""

    problem: Mapping[str, Any]  # names of the executed problem: Model, get_inputs, its numbers
    inputs: tuple[TensorSpec | None, ...]  # of forward; None where one is no tensor
    outputs: tuple[TensorSpec, ...]  # of the reference
    device: str


# A class whose instances are called with the inputs, as KernelBench calls ModelNew.
Loader = Callable[[Mapping[str, str], Mapping[str, bytes], Context], Callable[..., Any]]
