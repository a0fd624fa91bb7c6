"""Walls that need no engine: none around the program itself, which confines what it forks."""

from __future__ import annotations

import array
import contextlib
import json
import os
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from kernelgepa.errors import InfrastructureError
from kernelgepa.sandbox import harness
from kernelgepa.sandbox.wall import Line, Needs, Zygote, ZygoteDied

_FRAME = struct.Struct("!I")
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0


class LandlockWall:
    """Landlock, a system call filter and limits around each request; any user, no privilege."""

    name = "landlock"

    def start(self, needs: Needs) -> Zygote:
        """Raises InfrastructureError."""
        return LocalZygote(
            dict(needs.config), lambda control: harness.program("zygote.py", control)
        )


class NoWall:
    """No protection: a request runs as the user. Only where the user asks for it."""

    name = "none"

    def start(self, needs: Needs) -> Zygote:
        """Raises InfrastructureError."""
        config = {**needs.config, "confined": False}
        return LocalZygote(config, _program)


def _program(control: str) -> list[str]:
    return harness.program("zygote.py", control)


class LocalZygote:
    """A zygote on this machine, spoken with over an inherited socket."""

    def __init__(
        self,
        config: dict[str, Any],
        argv: Callable[[str], Sequence[str]],
        environment: dict[str, str] | None = None,
    ) -> None:
        """`argv`: the command, given the number of the control socket."""
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._sending = threading.Lock()
        self._root = ""
        with theirs:
            self._process = subprocess.Popen(
                list(argv(str(theirs.fileno()))),
                env=environment or dict(harness.environment()),
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

    def _start(self, config: dict[str, Any]) -> str:
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

    def ask(self, request: bytes, seconds: float, most: int) -> bytes:
        """The answer to a request. Raises ZygoteDied, OSError."""
        with self._socket(b"request") as ours:
            deadline = time.monotonic() + seconds
            ours.settimeout(seconds)
            ours.sendall(_FRAME.pack(len(request)) + request)
            return _read_all(ours, deadline, most)

    def talk(self) -> Line:
        """Raises OSError."""
        return LocalLine(self._socket(b"talk"))

    def _socket(self, word: bytes) -> socket.socket:
        """One whose other end is a new supervisor's."""
        ours, theirs = socket.socketpair()
        try:
            with theirs, self._sending:
                descriptors = array.array("i", [theirs.fileno()])
                self._control.sendmsg([word], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
        except BaseException:
            ours.close()
            raise
        return ours

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
                harness.program("trees.py", self._root),
                env=dict(harness.environment()),
                check=False,
            )


class LocalLine:
    """A line over a socket of this machine."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        # large reads go where they are wanted, not through the buffer
        self._stream = connection.makefile("rb", buffering=1 << 12)

    def send(self, data: bytes, seconds: float) -> None:
        self._socket.settimeout(seconds)
        self._socket.sendall(data)

    def receive(self, size: int, seconds: float) -> bytes:
        self._socket.settimeout(seconds)
        data: bytes = self._stream.read(size)
        return data

    def close(self) -> None:
        self._stream.close()
        self._socket.close()


def _read_all(connection: socket.socket, deadline: float, most: int) -> bytes:
    data = bytearray()
    while True:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        chunk = connection.recv(1 << 20)
        if not chunk:
            return bytes(data)
        data += chunk
        if len(data) > most:
            raise ZygoteDied("a longer answer than a supervisor gives")
