"""Holds a handler's imports and forks one confined, disposable child for each request.

Without a handler each request is a command (command.py). A socket that comes with the word TALK is
for a conversation instead (converse.py).

Started fresh with a clean environment, so it holds no secret. A request is a socket received over
the control socket; a supervisor of its own (the zygote's child) serves it: reads the request,
forks the confined child, enforces the limits, answers, removes the scratch folder. One that has
held a conversation waits for another: to fork and to end it takes as long as its child. When the
control socket closes, everything ends. Standard library only, beside the handler.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import command
import confine
import converse
import pages
import seccomp
import supervise
import trees
from child import Child, Handler, Setup, answer_all, answer_one, outcome

SPARE_PROCESSES = 64
COUNT_SECONDS = 5.0
TALK = b"talk"  # with a socket for a conversation; any other word, for a request
_ALLOWED = struct.Struct("!Q")  # with a socket for a supervisor that is free: processes
_FREE = b"free"  # from a supervisor
_LITTLE = 0.25  # of the memory that a conversation may take
_FRAME = struct.Struct("!I")
_STOP_SECONDS = 6.0


def _receive(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        chunk = connection.recv(min(1 << 20, size - len(data)))
        if not chunk:
            raise ConnectionError("the request ended early")
        data += chunk
    return bytes(data)


def _supervise(
    setup: Setup, connection: socket.socket, wake: int, allowed: int, talk: bool
) -> None:
    """In the supervisor: one request from its socket to its answer, or a conversation."""
    if not talk:
        (size,) = _FRAME.unpack(_receive(connection, _FRAME.size))
        request = _receive(connection, size)
    scratch = tempfile.mkdtemp(prefix="job-", dir=setup.root)
    try:
        identity = setup.identity.of_this_process()
        if talk:
            _converse(setup, scratch, identity, allowed, connection, wake)
        elif setup.handler is None:
            _run_command(setup, scratch, identity, allowed, request, connection, wake)
        else:
            _run_request(setup, scratch, identity, allowed, request, connection, wake)
    finally:
        if not talk:  # who waits for an answer does not wait for this
            connection.close()
        trees.remove_tree(scratch)


def _run_command(
    setup: Setup, scratch: str, identity: confine.Identity, allowed: int,
    request: bytes, connection: socket.socket, wake: int,
) -> None:  # fmt: skip
    job = json.loads(request)
    job["readable"] += setup.readable
    extra = job["limits"]["processes"] - setup.limits["processes"]
    place = command.Place(scratch, identity, allowed + extra, setup.confined)
    answer = command.run(job, place, [connection.fileno(), wake])
    if answer is not None:
        connection.sendall(answer)


def _run_request(
    setup: Setup, scratch: str, identity: confine.Identity, allowed: int,
    request: bytes, connection: socket.socket, wake: int,
) -> None:  # fmt: skip
    handler = _handler(setup)
    identity.owns(scratch)
    policy = setup.policy(scratch, setup.limits["cpu_seconds"])
    answer, log = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        Child(setup, policy, identity, allowed).run(
            (answer[1],), log[1], lambda: answer_one(handler, request, answer[1])
        )
    streams = [
        _stream(answer, setup.answer_bytes),
        _stream(log, setup.log_bytes),
    ]
    hangups = [connection.fileno(), wake]
    bounds = _bounds(setup, scratch)
    ending = supervise.Supervisor(child, streams, bounds, hangups, identity.uid).run()
    if ending.status == "stopped":
        return
    status, detail = outcome(ending, bytes(streams[1].data))
    payload = bytes(streams[0].data) if status == "ok" else b""
    report = {"status": status, "detail": detail, "seconds": ending.seconds}
    head = json.dumps(report).encode()
    connection.sendall(_FRAME.pack(len(head)) + head + payload)


def _converse(
    setup: Setup, scratch: str, identity: confine.Identity, allowed: int,
    connection: socket.socket, wake: int,
) -> None:  # fmt: skip
    handler = _handler(setup)
    identity.owns(scratch)
    messages, answers, log = os.pipe(), os.pipe(), os.pipe()
    for pipe in (messages, answers):
        with contextlib.suppress(OSError):  # a user's pipes may hold so much, and then less
            fcntl.fcntl(pipe[0], fcntl.F_SETPIPE_SZ, converse.CHUNK)
    child = os.fork()
    if child == 0:
        Child(setup, setup.policy(scratch, None), identity, allowed).run(
            (messages[0], answers[1]), log[1],
            lambda: answer_all(handler, messages[0], answers[1]),
        )  # fmt: skip
    os.close(messages[0])
    os.close(answers[1])
    for descriptor in (messages[1], answers[0]):
        os.set_blocking(descriptor, False)
    said = _stream(log, setup.log_bytes)
    ends = converse.Ends(connection, wake, messages[1], answers[0], said)
    bounds = _bounds(setup, scratch)
    talk = converse.Conversation(child, ends, bounds, setup.answer_bytes, identity.uid)
    try:
        talk.run()
    finally:
        talk.close()


def _may_go_on(setup: Setup) -> bool:
    """Whether a supervisor may hold another conversation. Not where each job has an identity of its
    own, which is made of the supervisor's; nor where what one took would be held against the next.
    """
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
    return setup.identity.uid is None and most < setup.limits["memory_bytes"] * _LITTLE


def _next(line: socket.socket, wake: int) -> tuple[int, int] | None:
    """Socket of the next conversation, and processes; None where everything is to end."""
    poll = select.poll()
    for descriptor in (line.fileno(), wake):
        poll.register(descriptor, select.POLLIN)
    if any(descriptor == wake for descriptor, _ in poll.poll()):
        return None
    message, descriptors, _, _ = socket.recv_fds(line, _ALLOWED.size, 1)
    return (descriptors[0], *_ALLOWED.unpack(message)) if descriptors else None


def _handler(setup: Setup) -> Handler:
    if setup.handler is None:
        raise ValueError("commands hold no conversations")
    return setup.handler


def _stream(pipe: tuple[int, int], limit: int) -> supervise.Stream:
    """The read end of a pipe whose other end is the child's alone from here."""
    os.close(pipe[1])
    os.set_blocking(pipe[0], False)
    return supervise.Stream(pipe[0], limit)


def _bounds(setup: Setup, scratch: str) -> supervise.Bounds:
    limits = setup.limits
    return supervise.Bounds(
        limits["wall_seconds"], limits["cpu_seconds"], limits["memory_bytes"], scratch,
        command.SCRATCH_FACTOR * limits["file_bytes"], limits["processes"],
    )  # fmt: skip


class Zygote:
    """Accepts requests until the control socket closes or the parent is gone."""

    def __init__(self, control: socket.socket, setup: Setup) -> None:
        self._control, self._setup = control, setup
        self._parent = os.getppid()
        self._supervisors: set[int] = set()
        self._counted, self._count = -COUNT_SECONDS, 0
        self._lines: dict[int, socket.socket] = {}  # to supervisors that hold conversations
        self._free: list[socket.socket] = []  # of those
        self._poll = select.poll()
        self._wake, wake_in = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(wake_in, False)
        signal.set_wakeup_fd(wake_in, warn_on_full_buffer=False)
        self._stopping = self._collapsed = False
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._stop)

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def run(self) -> None:
        self._poll.register(self._control, select.POLLIN)
        self._poll.register(self._wake, select.POLLIN)
        while not self._stopping and os.getppid() == self._parent:
            ready = [descriptor for descriptor, _ in self._poll.poll(1000)]
            for line in [self._lines[each] for each in ready if each in self._lines]:
                self._told(line)
            if self._wake in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake, 4096)
            if self._control.fileno() in ready and not self._accept():
                self._stopping = True
            self._reap()
        self._end()

    def _accept(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, 16, 1)
        if not message or not descriptors:
            return False
        allowed, talk = self._allowed_processes(), message == TALK
        if not (talk and self._handed_over(descriptors[0], allowed)):
            self._fork(descriptors[0], allowed, talk)
        os.close(descriptors[0])
        return True

    def _handed_over(self, descriptor: int, allowed: int) -> bool:
        """To a supervisor that is free, if there is one."""
        while self._free:
            with contextlib.suppress(OSError):
                socket.send_fds(self._free.pop(), [_ALLOWED.pack(allowed)], [descriptor])
                return True
        return False

    def _told(self, line: socket.socket) -> None:
        """By a supervisor that it is free, or has ended."""
        with contextlib.suppress(OSError):
            if line.recv(len(_FREE)):
                self._free.append(line)
                return
        self._poll.unregister(line)
        del self._lines[line.fileno()]
        if line in self._free:
            self._free.remove(line)
        line.close()

    def _fork(self, descriptor: int, allowed: int, talk: bool) -> None:
        """A supervisor."""
        if talk and not self._collapsed:  # where one holds a conversation, many will
            self._collapsed = True
            pages.collapse()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            for line in (ours, *self._lines.values()):
                line.close()
            self._become_supervisor(descriptor, allowed, talk, theirs)
        theirs.close()
        if talk:
            self._lines[ours.fileno()] = ours
            self._poll.register(ours, select.POLLIN)
        else:
            ours.close()
        self._supervisors.add(pid)

    def _become_supervisor(
        self, descriptor: int, allowed: int, talk: bool, line: socket.socket
    ) -> None:
        """Never returns."""
        try:
            wake, wake_in = os.pipe()
            os.set_blocking(wake_in, False)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, lambda *_: None)
            signal.set_wakeup_fd(wake_in, warn_on_full_buffer=False)
            confine.die_with_parent(os.getppid(), signal.SIGTERM)
            self._control.close()
            confine.become_subreaper()
            served: tuple[int, int] | None = descriptor, allowed
            while served is not None:
                connection = socket.socket(fileno=served[0])
                with contextlib.suppress(ConnectionError):
                    _supervise(self._setup, connection, wake, served[1], talk)
                free = talk and _may_go_on(self._setup)
                if free:  # before anyone can know that the conversation has ended
                    line.send(_FREE)
                connection.close()
                served = _next(line, wake) if free else None
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
    os.environ.update(config.get("environment", {}))  # before libraries look
    module, _, function = config["handler"].partition(":")
    handler = getattr(importlib.import_module(module), function) if module else None
    readable = tuple(config["readable"])
    confined = config.get("confined", True)
    seccomp.prepare()
    seccomp.prepare(devices=True)
    return Setup(
        handler=handler,
        readable=readable,
        root=root,
        limits=config["limits"],
        answer_bytes=config["answer_bytes"],
        identity=confine.Identity.choose(root, readable) if confined else confine.Identity(None),
        confined=confined,
        devices=tuple(config.get("devices", ())),
        environment=config.get("environment", {}),
        execute_scratch=config.get("execute_scratch", False),
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
