"""First process of a container: carries requests between its own stdin and stdout and the zygote.

Frames on both streams: kind (1 byte), number of the request and length (big-endian), then bytes.
The first frame to come is a CONFIG, the first to go a STATUS: the zygote's first word. Then OPEN
gives a request a socket of its own at the zygote, with the word for it, DATA is what runs over that
socket, END closes it: no more answer (to the outside), nobody waits (from the outside). What the
bytes mean is the zygote's and the pool's business. When stdin closes, or the zygote ends, this
process ends, and with it everything in the container. Standard library only.

Untrusted code holds none of these streams: the zygote gets /dev/null, and the way into another
process's descriptors is closed to a job by its uid, Landlock and the filter.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HEAD = struct.Struct("!cII")
CONFIG, STATUS, OPEN, DATA, END = b"c", b"s", b"o", b"d", b"e"
_CHUNK = 1 << 16
_ROOM = 1 << 20  # answers that may wait for the outside to read
_IN, _OUT = 0, 1
_READABLE = select.POLLIN | select.POLLHUP | select.POLLERR


@dataclass
class Request:
    number: int
    socket: socket.socket
    pending: bytearray = field(default_factory=bytearray)  # not yet taken by the zygote


class Relay:
    """Runs until stdin closes or the zygote ends."""

    def __init__(self, zygote: int, control: socket.socket, wake: int) -> None:
        self._zygote, self._control, self._wake = zygote, control, wake
        self._requests: dict[int, Request] = {}  # by number
        self._in, self._out = bytearray(), bytearray()
        self._over = False
        for descriptor in (_IN, _OUT):
            os.set_blocking(descriptor, False)

    def run(self) -> None:
        while not self._over:
            sockets = {r.socket.fileno(): r for r in self._requests.values()}
            for descriptor, events in self._poll().poll():
                if descriptor == _IN:
                    self._read_frames()
                elif descriptor == _OUT:
                    self._flush()
                elif descriptor == self._wake:
                    self._reap()
                elif descriptor == self._control.fileno():
                    self._status()
                else:
                    self._serve(sockets[descriptor], events)

    def _poll(self) -> select.poll:
        poll = select.poll()
        for descriptor in (_IN, self._wake, self._control.fileno()):
            poll.register(descriptor, select.POLLIN)
        if self._out:
            poll.register(_OUT, select.POLLOUT)
        for request in self._requests.values():
            events = select.POLLIN if len(self._out) < _ROOM else 0
            events |= select.POLLOUT if request.pending else 0
            if events:
                poll.register(request.socket, events)
        return poll

    def _read_frames(self) -> None:
        chunk = os.read(_IN, _CHUNK)
        self._over = not chunk
        self._in += chunk
        while len(self._in) >= HEAD.size:
            kind, number, size = HEAD.unpack_from(self._in)
            if len(self._in) < HEAD.size + size:
                return
            self._take(kind, number, bytes(self._in[HEAD.size : HEAD.size + size]))
            del self._in[: HEAD.size + size]

    def _take(self, kind: bytes, number: int, data: bytes) -> None:
        request = self._requests.get(number)
        if kind == OPEN:
            self._open(number, data)
        elif request is not None and kind == DATA:
            request.pending += data
            self._feed(request)
        elif request is not None and kind == END:
            self._close(request)

    def _open(self, number: int, word: bytes) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        request = self._requests[number] = Request(number, ours)
        with theirs:
            try:
                socket.send_fds(self._control, [word], [theirs.fileno()], socket.MSG_DONTWAIT)
            except OSError:  # a zygote that takes no requests is no reason to wait here
                self._answered(request)

    def _serve(self, request: Request, events: int) -> None:
        if self._requests.get(request.number) is not request:
            return  # closed since the poll
        if events & select.POLLOUT:
            self._feed(request)
        if events & _READABLE:
            self._read_answer(request)

    def _feed(self, request: Request) -> None:
        """To the zygote. What is wrong with the socket shows when it is read."""
        with contextlib.suppress(OSError):
            while request.pending:
                del request.pending[: request.socket.send(request.pending)]

    def _read_answer(self, request: Request) -> None:
        try:
            chunk = request.socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if chunk:
            self._put(DATA, request.number, chunk)
        else:
            self._answered(request)

    def _answered(self, request: Request) -> None:
        self._close(request)
        self._put(END, request.number)

    def _close(self, request: Request) -> None:
        del self._requests[request.number]
        request.socket.close()

    def _status(self) -> None:
        with contextlib.suppress(OSError):
            if word := self._control.recv(_CHUNK):
                self._put(STATUS, 0, word)
                return
        self._over = True

    def _put(self, kind: bytes, number: int, data: bytes = b"") -> None:
        self._out += HEAD.pack(kind, number, len(data)) + data
        self._flush()

    def _flush(self) -> None:
        try:
            del self._out[: os.write(_OUT, self._out[:_CHUNK])]
        except BlockingIOError:
            return
        except OSError:
            self._over = True

    def _reap(self) -> None:
        """Orphans of the whole container end up here."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, 4096)
        with contextlib.suppress(ChildProcessError):
            while pid := os.waitpid(-1, os.WNOHANG)[0]:
                self._over |= pid == self._zygote


def read_exactly(size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = os.read(_IN, size - len(data))
        if not chunk:
            sys.exit(0)
        data += chunk
    return data


def own_image(config: dict[str, Any]) -> dict[str, Any]:
    """A zygote's config with what this interpreter, an image's own, finds and needs."""
    paths = [p for p in sys.path[1:] if p]
    systems = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt", "/etc/ld.so.cache",
               sys.prefix, sys.base_prefix]  # fmt: skip
    return config | {
        "sys_path": [*config["sys_path"], *paths],
        "readable": [*config["readable"], *systems, *filter(os.path.exists, paths)],
    }


def start(order: dict[str, Any]) -> tuple[int, socket.socket]:
    """The zygote's pid and control socket; it has its config."""
    control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = dict(order["environment"])
    if order["own_image"]:
        kept = ("PATH", "LD_LIBRARY_PATH", "CUDA_HOME", "PEANO_INSTALL_DIR")
        environment |= {name: os.environ[name] for name in kept if name in os.environ}
    with theirs:
        zygote = subprocess.Popen(
            [sys.executable, "-s", "-S", "-B", str(Path(__file__).with_name("zygote.py")),
             str(theirs.fileno())],
            env=environment, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, pass_fds=(theirs.fileno(),), start_new_session=True,
        )  # fmt: skip
    config = own_image(order["config"]) if order["own_image"] else order["config"]
    control.send(json.dumps(config).encode())
    return zygote.pid, control


def main() -> None:
    wake, wake_in = os.pipe()
    for descriptor in (wake, wake_in):
        os.set_blocking(descriptor, False)
    signal.set_wakeup_fd(wake_in, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))  # else a first process ignores it
    kind, _, size = HEAD.unpack(read_exactly(HEAD.size))
    if kind != CONFIG:
        sys.exit("no config came first")
    zygote, control = start(json.loads(read_exactly(size)))
    Relay(zygote, control, wake).run()
    os._exit(0)  # the kernel ends what is left of the container


if __name__ == "__main__":
    main()
