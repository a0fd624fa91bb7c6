"""What is optimised: a task, its interface and its workloads. Plain values; no I/O here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from kernelgepa.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int, ...], np.dtype[np.generic]]

Role = Literal["in", "out", "scalar"]
Use = Literal["feedback", "pareto", "hidden"]
Shapes = Literal["fixed", "general"]
DTYPES = (
    "int8", "uint8", "int16", "uint16", "int32", "uint32", "bfloat16", "float32",
)  # fmt: skip
INTEGERS = frozenset(d for d in DTYPES if "int" in d)
ITEM_BYTES: Mapping[str, int] = {
    "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "bfloat16": 2,
    "float32": 4,
}  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """One parameter of the kernel function, in call order."""

    name: str
    role: Role  # buffers by pointer ("in", "out"); "scalar" by value
    dtype: str  # one of DTYPES


@dataclass(frozen=True)
class Interface:
    """How the kernel is called. `rounding` is set before the call, as NPUEval's wrapper does."""

    function: str
    parameters: tuple[Parameter, ...]
    rounding: str = "positive_inf"  # an aie::rounding_mode
    stack_bytes: int = 1024  # what the core's linker script leaves for the stack

    def of_role(self, role: Role) -> tuple[Parameter, ...]:
        return tuple(p for p in self.parameters if p.role == role)


@dataclass(frozen=True)
class Tolerance:
    """|got - want| <= atol + rtol * |want|, want being the reference. Integers are exact."""

    atol: float = 0.01
    rtol: float = 0.01


@dataclass(frozen=True)
class Workload:
    """One instance: shapes of every buffer parameter, values of every scalar, tolerance, uses."""

    name: str
    shapes: Mapping[str, tuple[int, ...]]  # () is one element
    scalars: Mapping[str, int | float] = field(default_factory=dict)
    uses: frozenset[Use] = frozenset({"feedback", "pareto"})
    tolerance: Tolerance = Tolerance()


class Reference(Protocol):
    """Where inputs and expected values come from. Runs in the judge's process, never the tile.

    Both return arrays whose dtype is the parameter's (bfloat16 through ml_dtypes).
    """

    def inputs(
        self, workload: Workload, rng: np.random.Generator, kind: InputKind
    ) -> Mapping[str, Array] | None:
        """Values of every "in" parameter, or None where this kind does not exist."""

    def outputs(self, workload: Workload, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        """Expected values of every "out" parameter; floats may be float64."""


@dataclass(frozen=True)
class ModuleReference:
    """A reference in KernelBench's contract, as text: Model, get_inputs and get_init_inputs.

    Whole numbers assigned at its top level are a workload's `scalars`: they are rewritten in the
    text before it is executed, so that one reference has several shapes. It is executed in workers
    only. `shrunk` says which of its numbers are smaller than as shipped; every figure shown of it
    carries that.
    """

    code: str
    shrunk: str = ""


# "spike_*": all values near zero but the last (and one more), which are extreme, so that a
# reduction that drops its tail differs.
# "side_*": all values in the lowest or highest quarter of the range, and the first beyond the rest.
# "turn": whole numbers of the highest quarter, then of the lowest, so that what has grown until it
# saturates comes back.
InputKind = Literal[
    "recorded", "fresh", "edge", "spike_high", "spike_low", "side_high", "side_low", "turn"
]


@dataclass(frozen=True)
class Task:
    """A kernel to optimise. `seeds` maps a start ("canonical", "stub") to kernel source."""

    name: str
    target: str
    interface: Interface
    workloads: tuple[Workload, ...]
    reference: Reference | ModuleReference
    seeds: Mapping[str, str]
    shapes: Shapes = "fixed"
    description: str = ""
    origin: str = ""  # where it was loaded from, for messages
    digest: str = ""  # hash of everything that defines it; part of every cache key
    # "all": a candidate that is wrong on one workload is wrong. "each": it loses that one only.
    correctness: Literal["all", "each"] = "all"
    # Components of a seed beside its kernel, such as the launch of a CUDA kernel.
    components: Mapping[str, str] = field(default_factory=dict)

    @property
    def arrays(self) -> Reference:
        """The reference of a task of arrays. Raises InputError where it is a module."""
        if isinstance(self.reference, ModuleReference):
            raise InputError(
                f"task {self.name}: its reference is a module of torch, and target {self.target} "
                "takes tasks of arrays"
            )
        return self.reference

    @property
    def module(self) -> ModuleReference:
        """The reference of a task of modules. Raises InputError where it is of arrays."""
        if isinstance(self.reference, ModuleReference):
            return self.reference
        raise InputError(
            f"task {self.name}: its reference computes arrays, and target {self.target} takes "
            "modules of torch"
        )
