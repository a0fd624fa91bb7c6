"""What evaluation says of a candidate. Every number carries the tag of how it was obtained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import Any, Literal

Tag = Literal["measured", "counted", "static", "modelled", "unverified"]
Severity = Literal["error", "warning", "note"]
Policy = Literal["strict", "npueval", "kernelbench"]  # whose tolerances


@dataclass(frozen=True)
class Quantity:
    """A number as shown to people: value, unit, tag, and an interval where one is known."""

    value: float
    unit: str
    tag: Tag
    low: float | None = None
    high: float | None = None


OF_REFERENCE = "% of reference"  # unit of a time, where both were measured in one session


class Stage(IntEnum):
    """How far a candidate came; a later stage beats an earlier one."""

    REFUSED = 0  # not even given to the compiler
    COMPILE = 1  # the compiler rejected it
    BUILD = 2  # compiled, but cannot be placed on the tile (memory, stack, unsupported)
    RUN = 3  # trapped while running
    COMPARE = 4  # ran, values wrong
    CORRECT = 5


@dataclass(frozen=True)
class Diagnostic:
    """One message about the candidate; `line` is 1-based in the candidate's own source."""

    message: str
    severity: Severity = "error"
    line: int | None = None
    column: int | None = None
    source: str = ""  # the offending line
    code: str = ""  # our own class: "misaligned", "stack", "fuel", ... ; empty for the compiler


@dataclass(frozen=True)
class LoopProfile:
    """One innermost or enclosing loop of the schedule; all figures modelled."""

    line: int | None
    depth: int
    trips: int  # total iterations executed, counted
    entries: int  # times the loop was entered, counted
    ii: int | None  # None where the loop is not software-pipelined
    length: int  # cycles of one iteration, unoverlapped
    stages: int
    hardware_loop: bool
    resource_bound: Mapping[str, int]  # slot -> cycles per iteration
    recurrence_bound: int
    recurrence_chain: tuple[str, ...]  # operations of the critical cycle, with lines
    cycles: int
    library_calls: Mapping[str, int] = field(default_factory=dict)  # per iteration
    subword_stores: int = 0
    spills: int = 0
    reason: str = ""  # why it is not pipelined


@dataclass(frozen=True)
class Profile:
    """Modelled figures of one execution."""

    cycles: int
    vector_cycles: int  # cycles that issue a live vector operation written as such
    utilisation: float  # vector_cycles / cycles
    macs: int
    mac_efficiency: float  # macs / (cycles * the peak of the types used)
    bytes_loaded: int
    bytes_stored: int
    port_limit_cycles: int  # cycles the traffic needs at full port width
    loops: tuple[LoopProfile, ...]
    library_calls: Mapping[str, int] = field(default_factory=dict)  # calls executed
    library_cycles: int = 0
    stack_bytes: int = 0
    spills: int = 0
    tag: Tag = "modelled"


@dataclass(frozen=True)
class Mismatch:
    """Where and how an output differs from the reference."""

    output: str
    total: int
    matching: int
    worst: tuple[tuple[int, float, float], ...]  # flat index, expected, got
    max_abs_error: float
    max_rel_error: float
    first: int
    pattern: str = ""  # e.g. "tail: elements 1008.. differ", "untouched"


@dataclass(frozen=True)
class Timing:
    """A candidate against its reference, timed by turns in one session. Measured.

    Seconds are medians of one call. `low` and `high` bound the speedup with 99 % confidence;
    `noise` is what the reference differs from itself in the same session, as a share.
    """

    reference_seconds: float
    seconds: float
    speedup: float  # reference / candidate
    low: float
    high: float
    noise: float
    blocks: int
    device: str
    floor_seconds: float | None = None  # what the device needs at least, modelled
    floor_reason: str = ""  # what the floor comes from, as roofline.why says it
    hidden_seconds: float = 0.0  # most that a call may take beside `seconds`; `low` bears it

    @property
    def win(self) -> bool:
        """Faster than the reference beyond doubt: the interval lies above 1 and above the noise."""
        return self.low > 1.0 + self.noise

    @property
    def loss(self) -> bool:
        """Slower beyond doubt."""
        return self.high < 1.0 / (1.0 + self.noise)

    @property
    def obscured(self) -> bool:
        """Whether it might be a win, were all of a call's time accounted for."""
        seen = self.low * (self.seconds + self.hidden_seconds) / self.seconds
        return not self.win and seen > 1.0 + self.noise


@dataclass(frozen=True)
class Hotspot:
    """A kernel on a GPU, or an operation on the host, that a call spends time in.

    `figures` by name: registers, shared_bytes, occupancy, sm_throughput, memory_throughput (the
    last three in % of what the device can do), local_requests (of spilled registers).
    """

    name: str
    calls: float  # in one call of the candidate
    seconds: float  # of one call, all of them together
    share: float  # of the profile's seconds
    grid: tuple[int, ...] = ()
    block: tuple[int, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class TimeProfile:
    """Where a call of a measured kernel spends its time. Its own process says so: a hint, which
    decides nothing. No rows where there is none, and `note` says why."""

    tool: str  # "ncu", "torch.profiler", "events"; "" where none could be used
    reason: str = ""  # why this tool and not a better one
    seconds: float = 0.0  # of one call: on the GPU, or by the host's clock
    rows: tuple[Hotspot, ...] = ()  # the costliest first
    omitted: int = 0  # further rows
    note: str = ""
    tag: Tag = "measured"


@dataclass(frozen=True)
class WorkloadVerdict:
    """The verdict on one workload. `share` is the share of matching elements over all cases."""

    workload: str
    stage: Stage
    share: float = 0.0
    diagnostics: tuple[Diagnostic, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    cost: Quantity | None = None  # lower is better; only where correct
    profile: Profile | None = None
    # Further figures of a correct kernel, by name; lower is better in each.
    objectives: Mapping[str, Quantity] = field(default_factory=dict)
    timing: Timing | None = None  # of a measured target
    # "degenerate": the task accepts kernels without work; "signed": of inputs as they are drawn,
    # and not of those with random signs. "specialised": wrong on other shapes.
    labels: tuple[str, ...] = ()
    time_profile: TimeProfile | None = None  # of a measured target, of one workload only

    @property
    def correct(self) -> bool:
        return self.stage is Stage.CORRECT


@dataclass(frozen=True)
class Verdict:
    """The verdict on a candidate over all judged workloads."""

    candidate: str
    task: str
    workloads: tuple[WorkloadVerdict, ...]
    diagnostics: tuple[Diagnostic, ...] = ()  # of the compile, common to all workloads
    versions: Mapping[str, str] = field(default_factory=dict)
    policy: str = "strict"  # or "npueval"
    seconds: float = 0.0  # wall clock, measured; not part of equality of verdicts

    @cached_property
    def correct(self) -> bool:
        return bool(self.workloads) and all(w.correct for w in self.workloads)

    @property
    def stage(self) -> Stage:
        return min((w.stage for w in self.workloads), default=Stage.REFUSED)

    @property
    def progress(self) -> tuple[int, float]:
        """Order of verdicts while nothing is correct: stage reached, then matching share."""
        shares = [w.share for w in self.workloads]
        return int(self.stage), sum(shares) / len(shares) if shares else 0.0

    def to_json(self) -> dict[str, Any]:
        """A JSON object with `correct` at the top level; read back by `from_json`."""
        from kernelgepa.serial import to_plain  # noqa: PLC0415

        return {"correct": self.correct, **to_plain(self)}
