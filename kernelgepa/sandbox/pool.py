"""A pool of confined, disposable workers: one request, one process, then nothing of it is left.

The processes belong to sandbox/harness/zygote.py; this is the side that keeps the secrets.
"""

from __future__ import annotations

import array
import contextlib
import importlib.util
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import Limits, WorkerOutcome, WorkerStatus
from kernelgepa.sandbox import harness
from kernelgepa.sandbox.strict_json import loads

_STATUSES: tuple[WorkerStatus, ...] = (
    "ok", "crashed", "timeout", "out_of_memory", "output_limit", "error",
)  # fmt: skip
_FRAME = struct.Struct("!I")
_START_SECONDS = 60.0
_GRACE_SECONDS = 15.0
_STOP_SECONDS = 10.0
_HEAD_BYTES = 1 << 16
_ATTEMPTS = 3  # a zygote that dies under a request is replaced, and the request sent again


class _ZygoteDied(Exception):
    """The zygote, not the request, is at fault."""


class WorkerPool:
    """Runs `handler` ("package.module:function", bytes -> bytes) once per request.

    A request runs in a process forked from one that has imported the handler, in a scratch
    directory of its own (its current directory), able to read the interpreter, kernelgepa, the
    handler's package and `readable`, and to write only the scratch directory. `submit` may be
    called from many threads; at most `jobs` requests run at a time. Raises InfrastructureError
    where the handler cannot be imported.
    """

    def __init__(
        self,
        handler: str,
        jobs: int = 1,
        readable: Sequence[Path] = (),
        limits: Limits | None = None,
        answer_bytes: int = 32 << 20,
    ) -> None:
        self._limits = limits or Limits()
        self._answer_bytes = answer_bytes
        self._config = _config(handler, readable, self._limits, answer_bytes)
        self._slots = threading.BoundedSemaphore(jobs)
        self._lock = threading.Lock()
        self._zygote: _Zygote | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def submit(self, request: bytes) -> WorkerOutcome:
        """Runs one request; waits for a free slot. What the request did wrong is in the status.

        Raises InfrastructureError where no worker can be had.
        """
        with self._slots:
            for _ in range(_ATTEMPTS):
                zygote = self._living_zygote()
                try:
                    return self._ask(zygote, request)
                except (_ZygoteDied, OSError):
                    self._replace(zygote)
        raise InfrastructureError(
            f"the process that starts workers died {_ATTEMPTS} times under one request"
        )

    def close(self) -> None:
        """Ends every worker; requests still running raise InfrastructureError."""
        with self._lock:
            self._closed = True
            zygote, self._zygote = self._zygote, None
        if zygote is not None:
            zygote.stop()

    def _living_zygote(self) -> _Zygote:
        with self._lock:
            if self._closed:
                raise InfrastructureError("the worker pool is closed")
            if self._zygote is None:
                self._zygote = _Zygote(self._config)
            return self._zygote

    def _replace(self, dead: _Zygote) -> None:
        with self._lock:
            if self._zygote is dead:
                self._zygote = None
        dead.stop()

    def _ask(self, zygote: _Zygote, request: bytes) -> WorkerOutcome:
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                zygote.hand_over(theirs)
            deadline = time.monotonic() + self._limits.wall_seconds + _GRACE_SECONDS
            ours.settimeout(self._limits.wall_seconds + _GRACE_SECONDS)
            ours.sendall(_FRAME.pack(len(request)) + request)
            return _outcome(_read_all(ours, deadline, self._answer_bytes + _HEAD_BYTES))


def _read_all(connection: socket.socket, deadline: float, most: int) -> bytes:
    data = bytearray()
    while True:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        chunk = connection.recv(1 << 20)
        if not chunk:
            return bytes(data)
        data += chunk
        if len(data) > most:
            raise _ZygoteDied("a longer answer than a supervisor gives")


def _outcome(data: bytes) -> WorkerOutcome:
    if len(data) < _FRAME.size:
        raise _ZygoteDied("no answer")
    end = _FRAME.size + _FRAME.unpack_from(data)[0]
    if len(data) < end:
        raise _ZygoteDied("half an answer")
    head = loads(data[_FRAME.size : end], max_bytes=_HEAD_BYTES)
    status = next(s for s in _STATUSES if s == head["status"])
    return WorkerOutcome(status, data[end:], _shown(head["detail"]), head["seconds"])


def _shown(text: str) -> str:
    """What a worker may have said, without anything a terminal obeys."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


def _config(
    handler: str, readable: Sequence[Path], limits: Limits, answer_bytes: int
) -> dict[str, object]:
    top = handler.partition(":")[0].partition(".")[0]
    spec = importlib.util.find_spec(top)
    if spec is None or (spec.origin is None and not spec.submodule_search_locations):
        raise InfrastructureError(f"no module {top!r} for a worker's handler")
    folders = [Path(p) for p in spec.submodule_search_locations or ()]
    own = [*(folders or [Path(str(spec.origin))]), Path(__file__).resolve().parents[1]]
    interpreter = harness.interpreter_paths()
    paths = [str(p.parent.resolve()) for p in own]
    paths += [p for p in sys.path if p and Path(p).is_absolute() and _is_library(Path(p))]
    return {
        "handler": handler,
        "sys_path": list(dict.fromkeys(paths)),
        "readable": sorted({str(p.resolve()) for p in (*own, *interpreter, *readable)}),
        "limits": asdict(limits),
        "answer_bytes": answer_bytes,
    }


def _is_library(path: Path) -> bool:
    """Whether an entry of sys.path holds the interpreter's own or installed modules."""
    resolved = path.resolve()
    return any(resolved.is_relative_to(p) for p in harness.interpreter_paths())


class _Zygote:
    """The process that forks workers, started and ready."""

    def __init__(self, config: dict[str, object]) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._sending = threading.Lock()
        self._root = ""
        with theirs:
            self._process = subprocess.Popen(
                [*harness.program("zygote.py"), str(theirs.fileno())],
                env=dict(harness.environment()),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        try:
            self._root = self._start(config)
        except BaseException:
            self.stop()
            raise

    def _start(self, config: dict[str, object]) -> str:
        self._control.settimeout(_START_SECONDS)
        try:
            self._control.send(json.dumps(config).encode())
            answer = self._control.recv(1 << 16).decode("utf-8", "replace")
        except OSError as error:
            raise InfrastructureError(f"workers do not start: {error}") from error
        word, _, rest = answer.partition(" ")
        if word == "ready":
            return rest
        reason = rest.strip().splitlines()[-1] if rest else "the process ended without a message"
        raise InfrastructureError(f"workers do not start: {reason}")

    def hand_over(self, connection: socket.socket) -> None:
        """Gives a request's socket to the zygote."""
        descriptors = array.array("i", [connection.fileno()])
        with self._sending:
            self._control.sendmsg(
                [b"request"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)]
            )

    def stop(self) -> None:
        """Ends it and everything it started. May be called more than once."""
        with self._sending, contextlib.suppress(OSError):
            self._control.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._root and os.path.lexists(self._root):
            subprocess.run(
                [*harness.program("trees.py"), self._root],
                env=dict(harness.environment()),
                check=False,
            )
