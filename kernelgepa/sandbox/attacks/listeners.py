"""Sockets outside the sandbox that should never hear anything."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_VSOCK, _ANY = 40, 0xFFFFFFFF


class Listeners:
    """Streams and datagrams, on loopback, by abstract name and by path; vsock where there is."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path, self._name = str(folder / "socket"), name
        self._sockets: dict[str, socket.socket] = {}

    def __enter__(self) -> Self:
        stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
        with contextlib.ExitStack() as stack:
            self._stack = stack
            self._open("tcp", socket.AF_INET, stream, ("127.0.0.1", 0))
            self._open("udp", socket.AF_INET, datagram, ("127.0.0.1", 0))
            self._open("abstract", socket.AF_UNIX, stream, "\0" + self._name)
            self._open("abstract datagram", socket.AF_UNIX, datagram, f"\0{self._name}d")
            self._open("path", socket.AF_UNIX, stream, self._path)
            self._open("path datagram", socket.AF_UNIX, datagram, self._path + "d")
            with contextlib.suppress(OSError):
                self._open("tcp6", socket.AF_INET6, stream, ("::1", 0))
            with contextlib.suppress(OSError):
                self._open("vsock", _VSOCK, stream, (_ANY, _ANY))
            for path in (self._path, self._path + "d"):
                Path(path).chmod(0o777)
            self._exit = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.__exit__(kind, error, trace)

    def facts(self) -> Mapping[str, Any]:
        """Where to send, for those who should not."""
        return {
            "abstract": self._name,
            "path": self._path,
            **{name: self._port(name) for name in ("tcp", "tcp6", "udp", "vsock")},
        }

    def heard(self) -> list[str]:
        """What came in since the last call."""
        return [what for name, s in self._sockets.items() for what in _heard(name, s)]

    def _open(self, name: str, family: int, kind: int, address: Any) -> None:
        made = self._stack.enter_context(socket.socket(family, kind))
        made.bind(address)
        if kind == socket.SOCK_STREAM:
            made.listen(8)
        made.setblocking(False)
        self._sockets[name] = made

    def _port(self, name: str) -> int:
        """1 where nothing listens: a port that refuses."""
        if name not in self._sockets:
            return 1
        return int(self._sockets[name].getsockname()[1])


def _heard(name: str, listening: socket.socket) -> Iterator[str]:
    """Empties the queue, so that the next attack is not blamed for it."""
    with contextlib.suppress(BlockingIOError):
        while True:
            if listening.type == socket.SOCK_DGRAM:
                yield f"{len(listening.recv(1 << 16))} bytes came to the {name} socket"
                continue
            connection, _ = listening.accept()
            connection.close()
            yield f"a connection came to the {name} socket"
