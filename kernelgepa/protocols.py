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

    argv: tuple[str, ...]  # an empty first word: the interpreter behind the wall
    files: Mapping[str, bytes] = field(default_factory=dict)
    collect: Mapping[str, int] = field(default_factory=dict)  # name -> most bytes
    readable: tuple[Path, ...] = ()  # read-only views beyond the system's own libraries
    stdin: bytes = b""
    limits: Limits = Limits()
    devices: tuple[str, ...] = ()  # names such as "cuda:0", "npu:0"; a compile job has none


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


WorkerStatus = Literal["ok", "crashed", "timeout", "out_of_memory", "output_limit", "error"]


@dataclass(frozen=True)
class WorkerOutcome:
    """How a request ended. `payload` is empty unless ok, and untrusted; `detail` is for people.

    `computed`: of a conversation's process and all it has started, the processor seconds since the
    end of the message before, by the kernel's word; None where that does not tell.
    """

    status: WorkerStatus
    payload: bytes
    detail: str
    seconds: float
    computed: float | None = None


class Conversation(Protocol):
    """One process that a handler's messages are given to, one after the other.

    Between messages it is stopped, with everything it has started: it computes only when asked.
    """

    def ask(self, message: bytes, wall_seconds: float | None = None) -> WorkerOutcome:
        """The handler's answer. After an outcome that is not ok the conversation has ended.

        `wall_seconds`: of this message, by default the limit of the worker.
        """

    def close(self) -> None:
        """Ends the process and everything it has started."""


class Workers(Protocol):
    """Disposable workers that have imported a function: one request, one process."""

    def submit(self, request: bytes) -> WorkerOutcome:
        """Waits for a free worker. Raises InfrastructureError where none can be had."""

    def open(self) -> Conversation:
        """A worker that answers several messages. Waits as `submit`."""

    def close(self) -> None:
        """Ends every worker; requests still running raise InfrastructureError."""


class Sandbox(Protocol):
    """Where untrusted code is compiled and run. May be used from several threads."""

    name: str

    def guarantees(self) -> Mapping[str, bool]:
        """Measured, not assumed: filesystem, network, processes, memory, disk, syscalls,
        environment."""

    def run(self, job: SandboxJob) -> SandboxOutcome:
        """Runs a command to its end. Raises InfrastructureError where it could not be run."""

    def workers(
        self,
        handler: str,
        jobs: int = 1,
        readable: Sequence[Path] = (),
        limits: Limits | None = None,
        answer_bytes: int = 32 << 20,
        devices: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        programs: bool = False,
    ) -> Workers:
        """Workers for `handler` ("package.module:function", bytes -> bytes).

        `devices` may be used by them; `environment` is added to theirs. `programs`: they may
        execute the system's programs, such as compilers, and those they write.
        """

    def close(self) -> None:
        """Ends everything this sandbox started."""


@dataclass(frozen=True)
class Attempt:
    """One remembered step: what was tried, what came of it."""

    candidate: Candidate
    verdict: Verdict
    accepted: bool


@dataclass(frozen=True)
class Usage:
    """What a proposal took of a model. `usd` is None where the model's price is not known."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float | None = 0.0
    estimated: bool = False  # the server did not count the tokens, or its answer never came
    cached: bool = False


@dataclass(frozen=True)
class Lesson:
    """What came of failing in one way: how it looks, what was tried, what helped."""

    signature: str  # stage and normalised message
    example: str  # the message as it came
    tried: tuple[str, ...]  # notes of the proposals that ended so, newest last
    fixed: str = ""  # note of the first accepted proposal from the same parent afterwards


@dataclass(frozen=True)
class Example:
    """The best accepted edit of another task of the run."""

    task: str
    note: str
    before: str
    after: str
    gain: float  # cost before / after


@dataclass(frozen=True)
class Request:
    """Everything a proposer may use. All of it is decided before any call is made."""

    number: int  # of the step, from 1
    task: Task
    parent: Attempt
    component: str  # the one to rewrite
    feedback: str
    history: Sequence[Attempt]  # of this task, the seed first
    minibatch: tuple[str, ...] = ()
    partner: Attempt | None = None  # a second parent, to be combined with the first
    partner_feedback: str = ""
    leads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # candidate -> workloads
    lessons: tuple[Lesson, ...] = ()
    example: Example | None = None
    asked_before: int = 0  # how often this run has asked the very same before
    citations: tuple[str, ...] = ()  # sections of manuals that the feedback shows


@dataclass(frozen=True)
class Proposal:
    """A child's components, or none and the reason."""

    components: Mapping[str, str] | None
    origin: str
    note: str = ""
    citations: tuple[str, ...] = ()  # what it goes back to; else the sections that were shown
    failure: str = ""  # class of the failure where there are no components
    exhausted: bool = False  # nothing further will ever come of this parent
    usage: Usage = Usage()
    answer: str = ""  # what a model wrote, for the record


class Proposer(Protocol):
    """Makes a child from parent, feedback and history: playbook, LLM, agent, script."""

    name: str
    width: int  # proposals made for one task from one state of the archive
    crosses: bool  # whether it can combine two parents

    def ceiling(self, request: Request) -> float | None:
        """The most dollars `propose` may cost for this request; None where no model is called."""

    def propose(self, request: Request) -> Proposal:
        """May be called from several threads. Raises InputError where no call can succeed."""


class Judge(Protocol):
    """Turns executions into verdicts; the only holder of expected values and the secret."""

    policy: str
    ties: float  # share by which costs may differ and mean nothing; 0 where they are exact

    def versions(self) -> Mapping[str, str]:
        """Versions and hashes of target, toolchain and tolerances."""

    def fingerprint(self) -> str:
        """A hash of the secret that inputs are drawn from; says nothing about it."""

    def judge(
        self, task: Task, candidate: Candidate, workloads: Sequence[str] | None = None
    ) -> Verdict:
        """On the workloads named, by default all that are not hidden."""

    def rejudge(self, task: Task, candidate: Candidate) -> Verdict:
        """Judges again, on inputs drawn from a new secret."""

    def whole(self, task: Task, candidate: Candidate) -> Verdict:
        """On all workloads, hidden ones too, under its own secret."""


@dataclass(frozen=True)
class Told:
    """The text made of a verdict, and the sections of manuals that it shows."""

    text: str
    citations: tuple[str, ...] = ()


class Feedback(Protocol):
    """mu_f: the text made of a verdict."""

    def tell(self, task: Task, attempt: Attempt, history: Sequence[Attempt]) -> Told: ...
