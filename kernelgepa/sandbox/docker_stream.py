"""Requests to a zygote in a container, over the stream one is attached to.

The other end is sandbox/harness/box.py, which says what the frames mean. The engine packs what the
container writes: stream (1 byte), three zeros, length, bytes.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kernelgepa.errors import InfrastructureError
from kernelgepa.sandbox.wall import Line, ZygoteDied

_HEAD = struct.Struct("!cII")
_ENGINE = struct.Struct("!B3xI")
_REQUEST = struct.Struct("!I")
_CONFIG, _STATUS, _OPEN, _DATA, _END = b"c", b"s", b"o", b"d", b"e"
_STDOUT = 1
_CHUNK = 1 << 16
_SOCKET_SECONDS = 20.0
_NUMBERS = 1 << 32
_COMPLAINT_BYTES = 4000


@dataclass
class _Answer:
    most: int
    data: bytearray = field(default_factory=bytearray)
    whole: bool = False
    too_long: bool = False
    event: threading.Event = field(default_factory=threading.Event)


class _Incoming:
    """What has come over a line and was not yet taken."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._closed = False
        self._changed = threading.Condition()

    def put(self, data: bytes) -> None:
        with self._changed:
            self._data += data
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def take(self, size: int, seconds: float) -> bytes:
        """So many bytes; fewer where no more will come. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._closed or len(self._data) >= size, seconds):
                raise TimeoutError("no answer in time")
            taken = bytes(self._data[:size])
            del self._data[:size]
            return taken


class AttachedZygote:
    """A `Zygote` behind a raw, attached stream; `end` removes the container."""

    def __init__(self, stream: socket.socket, end: Callable[[], None]) -> None:
        self._stream, self._end = stream, end
        self._stream.settimeout(_SOCKET_SECONDS)
        self._numbers = itertools.count(1)
        self._sending = threading.Lock()
        self._lock = threading.Lock()  # of what follows
        self._answers: dict[int, _Answer] = {}
        self._lines: dict[int, _Incoming] = {}
        self._dead = False
        self._status = b""
        self._status_known = threading.Event()
        self._complaint = b""
        threading.Thread(target=self._read, name="kernelgepa-container", daemon=True).start()

    def configure(self, order: Mapping[str, Any], seconds: float) -> None:
        """Waits until the zygote is ready. Raises InfrastructureError, with the reason."""
        try:
            self._send(_CONFIG, 0, json.dumps(order).encode())
        except OSError as error:
            raise InfrastructureError(f"a container does not start: {error}") from error
        known = self._status_known.wait(seconds)
        word, _, rest = self._status.decode("utf-8", "replace").partition(" ")
        if word == "ready":
            return
        lines = (rest or self._complaint.decode("utf-8", "replace")).strip().splitlines()
        silent = "it ended without a message" if known else f"not ready after {seconds:g} s"
        raise InfrastructureError(f"a container does not start: {lines[-1] if lines else silent}")

    def ask(self, request: bytes, seconds: float, most: int) -> bytes:
        """The answer to a request, at most `most` bytes. Raises ZygoteDied, OSError."""
        deadline = time.monotonic() + seconds
        number, answer = next(self._numbers) % _NUMBERS, _Answer(most)
        with self._lock:
            if self._dead:
                raise ZygoteDied("the container has ended")
            self._answers[number] = answer
        try:
            self._send(_OPEN, number, b"request")
            for part in _parts(_REQUEST.pack(len(request)) + request):
                self._send(_DATA, number, part)
            answer.event.wait(max(0.0, deadline - time.monotonic()))
        finally:
            with self._lock:
                del self._answers[number]
            if not answer.whole:
                with contextlib.suppress(OSError):
                    self._send(_END, number)
        if answer.whole:
            return bytes(answer.data)
        if answer.too_long:
            raise ZygoteDied("a longer answer than a supervisor gives")
        raise ZygoteDied("the container has ended" if self._dead else "no answer in time")

    def talk(self) -> Line:
        """Raises ZygoteDied, OSError."""
        number, incoming = next(self._numbers) % _NUMBERS, _Incoming()
        with self._lock:
            if self._dead:
                raise ZygoteDied("the container has ended")
            self._lines[number] = incoming
        self._send(_OPEN, number, b"talk")
        return _BoxLine(self, number, incoming)

    def send_on(self, number: int, data: bytes) -> None:
        """Something over a line. Raises OSError."""
        for part in _parts(data):
            self._send(_DATA, number, part)

    def hang_up(self, number: int) -> None:
        """Closes a line."""
        with self._lock:
            known = self._lines.pop(number, None)
        if known is not None:
            with contextlib.suppress(OSError):
                self._send(_END, number)

    def stop(self) -> None:
        """Ends the container and everything in it. May be called more than once."""
        # First the stream: an engine that cannot deliver output does not kill either.
        self._shut()
        self._stream.close()
        self._end()

    def _shut(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)

    def _send(self, kind: bytes, number: int, data: bytes = b"") -> None:
        with self._sending:
            try:
                self._stream.sendall(_HEAD.pack(kind, number, len(data)) + data)
            except OSError:  # perhaps half a frame is sent: nothing can follow it
                self._shut()
                raise

    def _read(self) -> None:
        """In a thread of its own, until the stream ends."""
        frames = _Frames()
        with contextlib.suppress(OSError):
            while chunk := self._receive():
                for stream, data in frames.unpack(chunk):
                    if stream == _STDOUT:
                        for kind, number, content in frames.of_box(data):
                            self._take(kind, number, content)
                    else:
                        self._complaint = (self._complaint + data)[-_COMPLAINT_BYTES:]
        with self._lock:
            self._dead = True
            waiting = list(self._answers.values())
            lines = list(self._lines.values())
        for answer in waiting:
            answer.event.set()
        for line in lines:
            line.close()
        self._status_known.set()

    def _receive(self) -> bytes:
        while True:
            with contextlib.suppress(TimeoutError):
                return self._stream.recv(_CHUNK)

    def _take(self, kind: bytes, number: int, data: bytes) -> None:
        if kind == _STATUS:
            self._status = data
            self._status_known.set()
            return
        with self._lock:
            line = self._lines.get(number)
            if line is not None:
                line.put(data)
                if kind == _END:
                    line.close()
                return
            answer = self._answers.get(number)
            if answer is None or answer.too_long:
                return
            if kind == _END:
                answer.whole = True
            elif len(answer.data) + len(data) > answer.most:
                answer.too_long = True
            else:
                answer.data += data
                return
        answer.event.set()


class _BoxLine:
    """A `Line` that shares the container's stream with others."""

    def __init__(self, zygote: AttachedZygote, number: int, incoming: _Incoming) -> None:
        self._zygote, self._number, self._incoming = zygote, number, incoming

    def send(self, data: bytes, seconds: float) -> None:
        self._zygote.send_on(self._number, data)

    def receive(self, size: int, seconds: float) -> bytes:
        return self._incoming.take(size, seconds)

    def close(self) -> None:
        self._zygote.hang_up(self._number)


class _Frames:
    """Cuts a stream of bytes into frames, first the engine's, then box.py's."""

    def __init__(self) -> None:
        self._outer, self._inner = bytearray(), bytearray()

    def unpack(self, chunk: bytes) -> Iterator[tuple[int, bytes]]:
        self._outer += chunk
        while len(self._outer) >= _ENGINE.size:
            stream, size = _ENGINE.unpack_from(self._outer)
            end = _ENGINE.size + size
            if len(self._outer) < end:
                return
            yield stream, bytes(self._outer[_ENGINE.size : end])
            del self._outer[:end]

    def of_box(self, data: bytes) -> Iterator[tuple[bytes, int, bytes]]:
        self._inner += data
        while len(self._inner) >= _HEAD.size:
            kind, number, size = _HEAD.unpack_from(self._inner)
            end = _HEAD.size + size
            if len(self._inner) < end:
                return
            yield kind, number, bytes(self._inner[_HEAD.size : end])
            del self._inner[:end]


def _parts(data: bytes) -> Iterator[bytes]:
    return (data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK))
