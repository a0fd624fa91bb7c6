"""A sandbox: a kind of wall, and the commands and workers that run behind walls of that kind."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self

from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import Limits, SandboxJob, SandboxOutcome
from kernelgepa.sandbox import devices, harness
from kernelgepa.sandbox.pool import Served, Spares, WorkerPool
from kernelgepa.sandbox.probe import GUARANTEES, measure
from kernelgepa.sandbox.strict_json import loads
from kernelgepa.sandbox.wall import Needs, Wall

_WALLS = 4  # for commands: kept warm, by what is readable behind them and how much they may take
_SPARES = 2  # of workers whose pool was closed
_Key = tuple[tuple[Path, ...], tuple[str, ...], int, int]


class WalledSandbox:
    """Runs commands and workers behind walls of one kind. Use as a context manager, or `close`."""

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self.name = wall.name
        self._lock = threading.Lock()
        self._commands: OrderedDict[_Key, Served] = OrderedDict()
        self._pools: list[WorkerPool] = []
        self._spares = Spares(_SPARES)
        self._held: Mapping[str, bool] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def guarantees(self) -> Mapping[str, bool]:
        """What a job really cannot do here; found out by jobs that try, once per object."""
        if self._held is None:
            self._held = measure(self.run)
        return self._held

    def known(self, guarantees: Mapping[str, bool]) -> None:
        """What an earlier object like this one has measured."""
        self._held = guarantees

    def missing(self) -> str:
        """One sentence for users on guarantees this sandbox does not give; empty if none."""
        open_ = [GUARANTEES[name] for name, held in self.guarantees().items() if not held]
        if not open_:
            return ""
        listed = open_[0] if len(open_) == 1 else ", ".join(open_[:-1]) + " and " + open_[-1]
        advice = "; Linux 6.12 or newer with Landlock enabled prevents it"
        return f"In the sandbox {self.name} untrusted code could {listed}" + (
            advice if self.name == "landlock" else ""
        )

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
    ) -> WorkerPool:
        """Workers for a handler; they end with the sandbox at the latest."""
        pool = WorkerPool(
            handler, jobs, readable, limits, answer_bytes, devices, environment, programs,
            self._wall, self._spares,
        )  # fmt: skip
        with self._lock:
            self._pools = [*(each for each in self._pools if not each.closed), pool]
        return pool

    def run(self, job: SandboxJob) -> SandboxOutcome:
        """Runs a job to its end. Raises InfrastructureError where it could not be run at all."""
        _check_names(job)
        with ExitStack() as stack:
            for device in sorted(set(job.devices)):
                stack.enter_context(devices.held(device))
            data = self._served(job).ask(
                _order(job), job.limits.wall_seconds, _most(job), lambda found: found[-1:] == b"}"
            )
        report: dict[str, Any] = loads(data, max_bytes=_most(job))
        if "failure" in report:
            raise InfrastructureError(f"the sandbox could not start a job: {report['failure']}")
        return SandboxOutcome(
            status=report["status"],
            exit_code=report["exit_code"],
            stdout=base64.b64decode(report["stdout"]),
            stderr=base64.b64decode(report["stderr"]),
            files={name: base64.b64decode(text) for name, text in report["files"].items()},
            refused=report["refused"],
            seconds=report["seconds"],
        )

    def close(self) -> None:
        """Ends everything this sandbox started."""
        with self._lock:
            commands, self._commands = list(self._commands.values()), OrderedDict()
            pools, self._pools = self._pools, []
        for served in commands:
            served.close()
        for pool in pools:
            pool.close()
        self._spares.close()

    def _served(self, job: SandboxJob) -> Served:
        readable = tuple(sorted({path.resolve() for path in job.readable}))
        key = (readable, job.devices, job.limits.memory_bytes, job.limits.file_bytes)
        dropped = None
        with self._lock:
            served = self._commands.get(key)
            if served is None:
                config = {
                    "handler": "",
                    "sys_path": [],
                    "readable": [*harness.SYSTEM, *map(str, readable)],
                    "limits": asdict(job.limits),
                    "answer_bytes": 0,
                }
                jobs = os.cpu_count() or 1
                needs = Needs(config, readable, job.limits, jobs, job.devices)
                served = self._commands[key] = Served(self._wall, needs)
            self._commands.move_to_end(key)
            if len(self._commands) > _WALLS:
                idle = next((k for k, s in self._commands.items() if k != key and s.idle), None)
                dropped = self._commands.pop(idle) if idle else None
        if dropped:
            dropped.close()
        return served


def _check_names(job: SandboxJob) -> None:
    for name in job.files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise InfrastructureError(f"a job's file is named {name!r}, expected a relative path")


def _order(job: SandboxJob) -> bytes:
    return json.dumps(
        {
            "argv": list(job.argv),
            "files": {name: _text(data) for name, data in job.files.items()},
            "collect": dict(job.collect),
            "stdin": _text(job.stdin),
            "limits": asdict(job.limits),
            "readable": [*harness.SYSTEM, *(str(p.resolve()) for p in job.readable)],
            "devices": [str(path) for name in job.devices for path in devices.paths(name)],
        }
    ).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _most(job: SandboxJob) -> int:
    return 2 * (2 * job.limits.output_bytes + sum(job.collect.values())) + (1 << 20)
