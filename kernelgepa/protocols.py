"""The architecture on one page: the seams between the loop and everything that can be swapped.

task -> seed -> [ select -> feedback -> propose -> evaluate -> accept -> record ] -> frontier
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from kernelgepa.candidate import Candidate
from kernelgepa.task import Interface, Task
from kernelgepa.verdict import Diagnostic, Profile, Stage, Verdict


@dataclass(frozen=True)
class Case:
    """One execution: raw bytes of every "in" buffer, sizes of every "out" buffer, scalars."""

    name: str
    inputs: Mapping[str, bytes]
    output_bytes: Mapping[str, int]
    scalars: Mapping[str, int | float]
    profile: bool = False  # whether a profile is wanted of this case


@dataclass(frozen=True)
class CaseResult:
    """Raw bytes the kernel wrote, or how it trapped (`diagnostics` is then not empty)."""

    name: str
    outputs: Mapping[str, bytes]
    diagnostics: tuple[Diagnostic, ...] = ()
    profile: Profile | None = None


@dataclass(frozen=True)
class Execution:
    """What a target made of a source: the stage reached, and one result a case if it ran."""

    stage: Stage
    diagnostics: tuple[Diagnostic, ...]
    cases: tuple[CaseResult, ...]


class Target(Protocol):
    """Where candidates are compiled, run and profiled. Never sees an expected value."""

    name: str

    def versions(self) -> Mapping[str, str]:
        """Versions and hashes that decide a result; part of every verdict and cache key."""

    def execute(
        self, candidate: Candidate, interface: Interface, cases: Sequence[Case]
    ) -> Execution:
        """Compile once, run every case. Raises InfrastructureError, never a candidate's fault."""


@dataclass(frozen=True)
class Limits:
    """What a sandboxed job may use."""

    wall_seconds: float = 10.0
    cpu_seconds: float = 10.0
    memory_bytes: int = 2 << 30
    output_bytes: int = 1 << 20  # of stdout and stderr, each
    file_bytes: int = 64 << 20
    processes: int = 64


@dataclass(frozen=True)
class SandboxJob:
    """A command with the files it finds in its directory and the files it may leave there."""

    argv: tuple[str, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    collect: Mapping[str, int] = field(default_factory=dict)  # name -> most bytes
    readable: tuple[Path, ...] = ()  # read-only views beyond the system's own libraries
    stdin: bytes = b""
    limits: Limits = Limits()


SandboxStatus = Literal["ok", "nonzero", "timeout", "out_of_memory", "output_limit"]


@dataclass(frozen=True)
class SandboxOutcome:
    """Outcome is data; a failure of the sandbox itself is an InfrastructureError."""

    status: SandboxStatus
    exit_code: int
    stdout: bytes
    stderr: bytes
    files: Mapping[str, bytes]
    refused: Mapping[str, str]  # name -> why a declared file was not collected
    seconds: float


class Sandbox(Protocol):
    """Where untrusted code is compiled and run."""

    name: str

    def guarantees(self) -> Mapping[str, bool]:
        """Measured, not assumed: filesystem, network, processes, memory, syscalls, environment."""

    def run(self, job: SandboxJob) -> SandboxOutcome: ...


@dataclass(frozen=True)
class Attempt:
    """One remembered step: what was tried, what came of it."""

    candidate: Candidate
    verdict: Verdict
    accepted: bool


@dataclass(frozen=True)
class Proposal:
    """A child's components, or none and the reason."""

    components: Mapping[str, str] | None
    origin: str
    note: str = ""
    citations: tuple[str, ...] = ()


class Proposer(Protocol):
    """Makes a child from parent, feedback and history: playbook, LLM, agent, script."""

    name: str

    def propose(
        self, task: Task, parent: Attempt, feedback: str, history: Sequence[Attempt]
    ) -> Proposal: ...


class Judge(Protocol):
    """Turns executions into verdicts; the only holder of expected values and the secret."""

    policy: str

    def versions(self) -> Mapping[str, str]:
        """Versions and hashes of target, toolchain and tolerances."""

    def fingerprint(self) -> str:
        """A hash of the secret that inputs are drawn from; says nothing about it."""

    def judge(self, task: Task, candidate: Candidate) -> Verdict: ...

    def rejudge(self, task: Task, candidate: Candidate) -> Verdict:
        """Judges again, on inputs drawn from a new secret."""


class Feedback(Protocol):
    """mu_f: the text made of a verdict."""

    def text(self, task: Task, attempt: Attempt, history: Sequence[Attempt]) -> str: ...
