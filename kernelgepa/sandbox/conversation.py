"""One confined worker that is asked several times; its other side: sandbox/harness/converse.py."""

from __future__ import annotations

import contextlib
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import Limits, WorkerOutcome, WorkerStatus
from kernelgepa.sandbox.strict_json import loads
from kernelgepa.sandbox.wall import Line, ZygoteDied

HEAD_BYTES = 1 << 16  # of a supervisor's report
_ORDER = struct.Struct("!dQ")  # seconds and size of a message
_GOODBYE = _ORDER.pack(-1.0, 0)
_SIZE, _REPORT = struct.Struct("!Q"), struct.Struct("!I")
_JOINED = 1 << 16  # a message so short goes out in one piece with its head
_GRACE_SECONDS = 15.0
_CLOSE_SECONDS = 10.0
_STATUSES: tuple[WorkerStatus, ...] = (
    "ok", "crashed", "timeout", "out_of_memory", "output_limit", "error",
)  # fmt: skip


def told(report: bytes, payload: bytes) -> WorkerOutcome:
    """What a supervisor reports; without the payload unless that counts."""
    head = loads(report, max_bytes=HEAD_BYTES)
    status = next(s for s in _STATUSES if s == head["status"])
    kept = payload if status == "ok" else b""
    return WorkerOutcome(
        status, kept, _shown(head["detail"]), head["seconds"], head.get("computed")
    )


def _shown(text: str) -> str:
    """What a worker may have said, without anything a terminal obeys."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


class WorkerConversation:
    """A `Conversation`. Use as a context manager, or `close`."""

    def __init__(
        self, line: Line, limits: Limits, answer_bytes: int, release: Callable[[], None]
    ) -> None:
        """`release` is called once, when it has ended."""
        self._line, self._limits, self._answer_bytes = line, limits, answer_bytes
        self._release = release
        self._lock = threading.Lock()
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def ask(self, message: bytes, wall_seconds: float | None = None) -> WorkerOutcome:
        """The answer to one message. After an outcome that is not ok the conversation has ended.

        Limits of time are each message's. Raises InfrastructureError where it has ended, or where
        what runs the worker fails.
        """
        seconds = self._limits.wall_seconds if wall_seconds is None else wall_seconds
        with self._lock:
            if self._ended:
                raise InfrastructureError("this conversation with a worker has ended")
            try:
                outcome = self._asked(message, seconds)
            except (ZygoteDied, OSError) as error:
                self._end(wait=False)
                raise InfrastructureError(f"a conversation broke off: {error}") from error
            except BaseException:
                self._end(wait=False)
                raise
            if outcome.status != "ok":
                self._end(wait=True)
        return outcome

    def close(self) -> None:
        """Ends the process and everything it has started. May be called more than once."""
        with self._lock:
            if self._ended:
                return
            with contextlib.suppress(ZygoteDied, OSError):
                self._line.send(_GOODBYE, _CLOSE_SECONDS)
            self._end(wait=True)

    def _asked(self, message: bytes, seconds: float) -> WorkerOutcome:
        patience = seconds + _GRACE_SECONDS
        head = _ORDER.pack(seconds, len(message))
        if len(message) <= _JOINED:
            self._line.send(head + message, patience)
        else:
            self._line.send(head, patience)
            self._line.send(message, patience)
        (size,) = _SIZE.unpack(self._whole(_SIZE.size, patience))
        if size > self._answer_bytes:
            raise ZygoteDied("a longer answer than a supervisor gives")
        payload = self._whole(size, patience)
        (size,) = _REPORT.unpack(self._whole(_REPORT.size, patience))
        if size > HEAD_BYTES:
            raise ZygoteDied("a longer report than a supervisor gives")
        return told(self._whole(size, patience), payload)

    def _whole(self, size: int, seconds: float) -> bytes:
        data = self._line.receive(size, seconds)
        if len(data) < size:
            raise ZygoteDied("the process that watches the worker has ended")
        return data

    def _end(self, wait: bool) -> None:
        """`wait`: until everything has ended, which closes the line."""
        self._ended = True
        try:
            if wait:
                with contextlib.suppress(ZygoteDied, OSError):
                    self._line.receive(1, _CLOSE_SECONDS)
        finally:
            self._line.close()
            self._release()
