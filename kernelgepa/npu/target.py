"""The target `npu-sim`: an AMD AIE2 core, simulated, in confined workers."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from kernelgepa.candidate import Candidate
from kernelgepa.errors import InfrastructureError
from kernelgepa.npu import oplib, toolchain, wire
from kernelgepa.npu.pipeline import Linked
from kernelgepa.protocols import Case, Execution, Limits, Sandbox
from kernelgepa.sandbox import open_sandbox
from kernelgepa.serial import to_plain
from kernelgepa.task import Interface
from kernelgepa.verdict import Diagnostic, Stage

LIMITS = Limits(wall_seconds=60.0, cpu_seconds=15.0, memory_bytes=4 << 30)
_ENDS = {
    "timeout": "compiling and running took more than {cpu:g} s of processor time",
    "out_of_memory": "compiling or running took more than {memory} GiB of memory",
    "output_limit": "the worker wrote more than it may",
    "crashed": "the compiler or the tile crashed on this kernel",
}


class _Kept:
    """Linked modules of sources that are executed again and again, as an oracle is."""

    SIZE = 16

    def __init__(self) -> None:
        self._seen: OrderedDict[str, Linked | None] = OrderedDict()
        self._lock = threading.Lock()

    def look_up(self, key: str) -> tuple[bool, Linked | None]:
        """Whether to ask for the module (seen before, not kept), and the module if it is kept."""
        with self._lock:
            known = key in self._seen
            linked = self._seen.setdefault(key, None)
            self._seen.move_to_end(key)
            while len(self._seen) > self.SIZE:
                self._seen.popitem(last=False)
            return known and linked is None, linked

    def put(self, key: str, linked: Linked) -> None:
        with self._lock:
            if key in self._seen:
                self._seen[key] = linked


class NpuSim:
    """Compiles, schedules and runs AIE2 kernels. Numbers of cycles are modelled.

    One pool of workers in `sandbox`, by default that of `open_sandbox`; `execute` may be called
    from several threads. Use as a context manager or call `close`.
    """

    name = "npu-sim"

    def __init__(self, jobs: int = 1, sandbox: Sandbox | None = None) -> None:
        self._kept = _Kept()
        self._library = tuple(str(path) for path in oplib.library())
        used = sandbox or open_sandbox()
        self._own = used if sandbox is None else None
        self._pool = used.workers(
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
        if self._own is not None:
            self._own.close()

    def versions(self) -> Mapping[str, str]:
        return asdict(toolchain.versions())

    def execute(
        self, candidate: Candidate, interface: Interface, cases: Sequence[Case]
    ) -> Execution:
        """Compiles once, runs every case. Raises InfrastructureError."""
        source = candidate.source.encode("utf-8", "replace").decode()
        key = hashlib.sha256(f"{to_plain(interface)}\0{source}".encode()).hexdigest()
        plain = not any(case.profile for case in cases)
        keep, linked = self._kept.look_up(key) if plain else (False, None)
        outcome = self._pool.submit(
            wire.request(wire.Request(source, interface, cases, self._library, keep, linked))
        )
        if outcome.status == "ok":
            done, made = wire.read_answer(outcome.payload, cases)
            if made is not None:
                self._kept.put(key, made)
            return done
        if outcome.status not in _ENDS:
            raise InfrastructureError(f"a worker failed: {outcome.status}: {outcome.detail}")
        text = _ENDS[outcome.status].format(
            cpu=LIMITS.cpu_seconds, memory=LIMITS.memory_bytes >> 30
        )
        return Execution(Stage.COMPILE, (Diagnostic(text, code=outcome.status),), ())


def _folders(paths: Sequence[str]) -> tuple[Path, ...]:
    return tuple(sorted({Path(p).parent for p in paths}))
