"""The target `npu-sim`: an AMD AIE2 core, simulated, in confined workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Self

from kernelgepa.candidate import Candidate
from kernelgepa.errors import InfrastructureError
from kernelgepa.npu import oplib, toolchain, wire
from kernelgepa.protocols import Case, Execution, Limits
from kernelgepa.sandbox.pool import WorkerPool
from kernelgepa.task import Interface
from kernelgepa.verdict import Diagnostic, Stage

LIMITS = Limits(wall_seconds=15.0, cpu_seconds=15.0, memory_bytes=4 << 30)
_ENDS = {
    "timeout": "compiling and running took more than {wall:g} s",
    "out_of_memory": "compiling or running took more than {memory} GiB of memory",
    "output_limit": "the worker wrote more than it may",
    "crashed": "the compiler or the tile crashed on this kernel",
}


class NpuSim:
    """Compiles, schedules and runs AIE2 kernels. Numbers of cycles are modelled.

    One pool of workers; `execute` may be called from several threads. Use as a context manager or
    call `close`.
    """

    name = "npu-sim"

    def __init__(self, jobs: int = 1) -> None:
        self._library = tuple(str(path) for path in oplib.library())
        self._pool = WorkerPool(
            "kernelgepa.npu.worker:handle",
            jobs=jobs,
            readable=(toolchain.zig().parent, toolchain.aie(), *_folders(self._library)),
            limits=LIMITS,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._pool.close()

    def versions(self) -> Mapping[str, str]:
        return asdict(toolchain.versions())

    def execute(
        self, candidate: Candidate, interface: Interface, cases: Sequence[Case]
    ) -> Execution:
        """Compiles once, runs every case. Raises InfrastructureError."""
        source = candidate.source.encode("utf-8", "replace").decode()
        outcome = self._pool.submit(wire.request(source, interface, cases, self._library))
        if outcome.status == "ok":
            return wire.read_answer(outcome.payload, cases)
        if outcome.status not in _ENDS:
            raise InfrastructureError(f"a worker failed: {outcome.status}: {outcome.detail}")
        text = _ENDS[outcome.status].format(
            wall=LIMITS.wall_seconds, memory=LIMITS.memory_bytes >> 30
        )
        return Execution(Stage.COMPILE, (Diagnostic(text, code=outcome.status),), ())


def _folders(paths: Sequence[str]) -> tuple[toolchain.Path, ...]:
    return tuple(sorted({toolchain.Path(p).parent for p in paths}))
