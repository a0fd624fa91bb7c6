"""Holds a handler's imports and forks one confined, disposable child for each request.

Without a handler each request is a command (command.py).

Started fresh with a clean environment, so it holds no secret. A request is a socket received over
the control socket; a supervisor of its own (the zygote's child) serves it: reads the request,
forks the confined child, enforces the limits, answers, removes the scratch folder. When the
control socket closes, everything ends. Standard library only, beside the handler.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import command
import confine
import supervise
import trees

SPARE_PROCESSES = 64
COUNT_SECONDS = 5.0
LOG_BYTES = 1 << 16
DETAIL_CHARACTERS = 2000
FAILED, NO_MEMORY = 70, 71  # exit codes of the child
_FRAME = struct.Struct("!I")
_STOP_SECONDS = 6.0
Handler = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Setup:
    """What every request has in common."""

    handler: Handler | None  # None: requests are commands
    readable: tuple[str, ...]
    root: str
    limits: dict[str, Any]
    answer_bytes: int
    identity: confine.Identity
    confined: bool  # False only where the user has asked for no sandbox


def _receive(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        chunk = connection.recv(min(1 << 20, size - len(data)))
        if not chunk:
            raise ConnectionError("the request ended early")
        data += chunk
    return bytes(data)


def _serve_in_child(
    setup: Setup, handler: Handler, policy: confine.Policy, identity: confine.Identity,
    allowed: int, request: bytes, answer: int, log: int,
) -> None:  # fmt: skip
    """In the confined child: one request. Never returns."""
    code = FAILED
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        os.chdir(policy.scratch)
        os.dup2(log, 1)
        os.dup2(log, 2)
        confine.close_descriptors((0, 1, 2, answer))
        os.environ.update(confine.environment(policy.scratch))
        tempfile.tempdir = None
        if setup.confined:
            confine.confine(policy, identity, allowed)
        view = memoryview(handler(request))
        while view:
            view = view[os.write(answer, view) :]
        code = 0
    except MemoryError:
        code = NO_MEMORY
    except BaseException:  # whatever the handler raises ends here and is told as text
        os.write(2, traceback.format_exc()[-DETAIL_CHARACTERS:].encode("utf-8", "replace"))
    finally:
        os._exit(code)


def _outcome(ending: supervise.Ending, log: bytes) -> tuple[str, str]:
    """(status, detail) as the pool tells them."""
    text = log.decode("utf-8", "replace")[-DETAIL_CHARACTERS:]
    if ending.status == "ok":
        return "ok", text
    if ending.exit_code == NO_MEMORY:
        return "out_of_memory", "memory used up"
    if ending.exit_code == FAILED:
        return "error", text
    if ending.status == "nonzero":
        return "crashed", f"{ending.detail}\n{text}".strip()
    return ending.status, ending.detail


def _supervise(setup: Setup, connection: socket.socket, wake: int, allowed: int) -> None:
    """In the supervisor: one request from its socket to its answer."""
    (size,) = _FRAME.unpack(_receive(connection, _FRAME.size))
    request = _receive(connection, size)
    confine.become_subreaper()
    scratch = tempfile.mkdtemp(prefix="job-", dir=setup.root)
    try:
        identity = setup.identity.of_this_process()
        if setup.handler is None:
            job = json.loads(request)
            job["readable"] += setup.readable
            extra = job["limits"]["processes"] - setup.limits["processes"]
            place = command.Place(scratch, identity, allowed + extra, setup.confined)
            answer = command.run(job, place, [connection.fileno(), wake])
            if answer is not None:
                connection.sendall(answer)
            return
        identity.owns(scratch)
        report, payload = _run_child(
            setup, setup.handler, scratch, identity, allowed, request, connection, wake
        )
        if report["status"] != "stopped":
            head = json.dumps(report).encode()
            connection.sendall(_FRAME.pack(len(head)) + head + payload)
    finally:
        connection.close()
        trees.remove_tree(scratch)


def _run_child(
    setup: Setup, handler: Handler, scratch: str, identity: confine.Identity, allowed: int,
    request: bytes, connection: socket.socket, wake: int,
) -> tuple[dict[str, Any], bytes]:  # fmt: skip
    limits = setup.limits
    policy = confine.Policy(
        scratch, setup.readable, limits["cpu_seconds"], limits["memory_bytes"],
        limits["file_bytes"], limits["processes"],
    )  # fmt: skip
    answer, log = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        _serve_in_child(setup, handler, policy, identity, allowed, request, answer[1], log[1])
    os.close(answer[1])
    os.close(log[1])
    streams = [
        supervise.Stream(answer[0], setup.answer_bytes),
        supervise.Stream(log[0], max(LOG_BYTES, limits["output_bytes"])),
    ]
    for stream in streams:
        os.set_blocking(stream.descriptor, False)
    bounds = supervise.Bounds(
        limits["wall_seconds"], limits["cpu_seconds"], limits["memory_bytes"], scratch,
        command.SCRATCH_FACTOR * limits["file_bytes"], limits["processes"],
    )  # fmt: skip
    hangups = [connection.fileno(), wake]
    ending = supervise.Supervisor(child, streams, bounds, hangups, identity.uid).run()
    status, detail = _outcome(ending, bytes(streams[1].data))
    payload = bytes(streams[0].data) if status == "ok" else b""
    report = {"status": status, "detail": detail, "seconds": ending.seconds}
    return report, payload


class Zygote:
    """Accepts requests until the control socket closes or the parent is gone."""

    def __init__(self, control: socket.socket, setup: Setup) -> None:
        self._control, self._setup = control, setup
        self._parent = os.getppid()
        self._supervisors: set[int] = set()
        self._counted, self._count = -COUNT_SECONDS, 0
        self._wake, wake_in = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(wake_in, False)
        signal.set_wakeup_fd(wake_in, warn_on_full_buffer=False)
        self._stopping = False
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._stop)

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def run(self) -> None:
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        while not self._stopping and os.getppid() == self._parent:
            for descriptor, _ in poll.poll(1000):
                if descriptor == self._wake:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._wake, 4096)
                elif not self._accept():
                    self._stopping = True
            self._reap()
        self._end()

    def _accept(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, 16, 1)
        if not message or not descriptors:
            return False
        allowed = self._allowed_processes()
        pid = os.fork()
        if pid == 0:
            self._become_supervisor(descriptors[0], allowed)
        os.close(descriptors[0])
        self._supervisors.add(pid)
        return True

    def _become_supervisor(self, descriptor: int, allowed: int) -> None:
        """Never returns."""
        try:
            wake, wake_in = os.pipe()
            os.set_blocking(wake_in, False)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, lambda *_: None)
            signal.set_wakeup_fd(wake_in, warn_on_full_buffer=False)
            confine.die_with_parent(os.getppid(), signal.SIGTERM)
            self._control.close()
            with contextlib.suppress(ConnectionError):
                _supervise(self._setup, socket.socket(fileno=descriptor), wake, allowed)
        finally:
            os._exit(0)

    def _allowed_processes(self) -> int:
        processes: int = self._setup.limits["processes"]
        if self._setup.identity.uid is not None:
            return processes
        if time.monotonic() - self._counted > COUNT_SECONDS:
            self._counted, self._count = time.monotonic(), supervise.processes_of_user()
        return processes + SPARE_PROCESSES + self._count

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._supervisors.discard(pid)
            if os.WIFSIGNALED(status):
                self._kill_orphans()

    def _kill_orphans(self) -> None:
        """What a killed supervisor left behind has become this process's child."""
        for pid in set(supervise.children(os.getpid())) - self._supervisors:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _end(self) -> None:
        for pid in self._supervisors:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while self._supervisors and time.monotonic() < deadline:
            self._reap()
            time.sleep(0.002)
        supervise.end_everything(None, None)


def _load(config: dict[str, Any], root: str) -> Setup:
    sys.path[:] = config["sys_path"]
    module, _, function = config["handler"].partition(":")
    handler = getattr(importlib.import_module(module), function) if module else None
    readable = tuple(config["readable"])
    confined = config.get("confined", True)
    return Setup(
        handler=handler,
        readable=readable,
        root=root,
        limits=config["limits"],
        answer_bytes=config["answer_bytes"],
        identity=confine.Identity.choose(root, readable) if confined else confine.Identity(None),
        confined=confined,
    )


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    config = json.loads(control.recv(1 << 20))
    root = tempfile.mkdtemp(prefix="kernelgepa-pool-")
    try:
        Path(root).chmod(0o711 if os.geteuid() == 0 else 0o700)
        confine.become_subreaper()
        try:
            setup = _load(config, root)
        except BaseException:  # told to the parent, which raises it
            control.send(b"failed: " + traceback.format_exc()[-8000:].encode())
            return
        gc.collect()
        gc.freeze()
        zygote = Zygote(control, setup)
        control.send(f"ready {root}".encode())
        zygote.run()
    finally:
        trees.remove_tree(root)


if __name__ == "__main__":
    main()
