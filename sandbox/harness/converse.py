"""The supervisor's side of a conversation: messages in, answers out, and a child that is stopped
while nobody asks it anything. Standard library only.

On the connection to the outside come seconds and size (ORDER) and the message; negative seconds end
the conversation. Back go the size of an answer and the answer, then the size of a report and the
report (JSON): whether the answer counts is known when it is over. With the child the supervisor
speaks over two pipes (child.py); what a child writes can only spoil its own answer.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import select
import socket
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NoReturn

import freeze
import supervise
from child import DETAIL_CHARACTERS, SIZE, outcome

ORDER = struct.Struct("!dQ")
REPORT = struct.Struct("!I")
CHUNK = 1 << 20  # also what pipes are asked to hold
_SHORT = 1 << 16  # an answer so short goes out in one piece with its report: who waits wakes once
_TICK_WITHOUT_PIDFD = 0.005
_ZEROS = bytes(1 << 16)


class Over(Exception):
    """The conversation cannot go on. `verdict` None: the child has ended by itself."""

    def __init__(self, verdict: supervise.Verdict | None) -> None:
        super().__init__(verdict)
        self.verdict = verdict


class Gone(Exception):
    """Nobody waits for an answer."""


@dataclass(frozen=True)
class Ends:
    """Descriptors of the supervisor; those towards the child do not block."""

    outside: socket.socket
    wake: int  # becomes readable when everything must end
    messages: int
    answers: int
    log: supervise.Stream


class Conversation:
    """With one child, the leader of its session."""

    def __init__(
        self, child: int, ends: Ends, bounds: supervise.Bounds, answer_bytes: int, uid: int | None
    ) -> None:
        self._child, self._ends, self._uid = child, ends, uid
        self._bounds, self._answer_bytes = bounds, answer_bytes
        self._pidfd = supervise.pidfd(child)
        self._code: int | None = None
        self._stopped: Iterable[int] = (child,)
        self._others: float | None = None  # processor seconds of what has ended, once it is set up
        self._alive: dict[int, float] = {}  # processor seconds at the last rest, by process
        self._lost = 0.0  # of those that have gone since, as far as they were seen
        self._memory = mmap.mmap(-1, CHUNK)  # takes some where it is written only
        self._buffer = memoryview(self._memory)
        self._next_check = time.monotonic() + supervise.TICK_SECONDS
        self._rests: float | None = None  # since when
        self._known: float | None = None  # processor seconds so far, while it rests
        self._from: float | None = None  # processor seconds at the message's first check
        self._left = self._owed = 0  # bytes of the message, of the answer
        self._begin(bounds.wall_seconds)

    def run(self) -> None:
        """Until nobody asks, or the child is at fault. All it started has then ended."""
        try:
            with contextlib.suppress(Gone):
                while self._answered(*self._order()):
                    pass
        finally:
            supervise.end_everything(self._child, self._uid)

    def close(self) -> None:
        """Descriptors and memory that are only its own; the connection is not."""
        ends = self._ends
        for descriptor in (ends.messages, ends.answers, ends.log.descriptor, self._pidfd):
            if descriptor is not None:
                os.close(descriptor)
        self._buffer.release()
        self._memory.close()

    def _order(self) -> tuple[float, int]:
        """Waits for the head of a message. The child is stopped meanwhile."""
        head = bytearray()
        while len(head) < ORDER.size:
            poll = select.poll()
            poll.register(self._ends.outside, select.POLLIN)
            poll.register(self._ends.wake, select.POLLIN)
            if any(descriptor == self._ends.wake for descriptor, _ in poll.poll()):
                raise Gone
            chunk = self._ends.outside.recv(ORDER.size - len(head))
            if not chunk:
                raise Gone
            head += chunk
        seconds, size = ORDER.unpack(head)
        if seconds < 0:
            raise Gone
        return seconds, size

    def _begin(self, seconds: float) -> None:
        self._started = time.monotonic()
        if self._rests is not None:  # meanwhile it takes nothing
            self._next_check += self._started - self._rests
        self._seconds, self._from = seconds, None
        self._ends.log.data.clear()

    def _answered(self, seconds: float, size: int) -> bool:
        """One message. Returns whether another may come."""
        self._begin(seconds)
        self._left, self._owed = size, 0
        told = False
        before = self._known
        try:
            freeze.go_on(self._stopped)
            self._ask(size)
            owed = self._answer_size()
            answer = b""
            if owed > _SHORT:
                self._owed, told = owed, True
                self._ends.outside.sendall(SIZE.pack(owed))
                self._answer()
            else:
                answer = SIZE.pack(owed) + self._short_answer(owed)
            taken = time.monotonic() - self._started
            self._stop()
            self._known, self._rests = self._computed(), time.monotonic()
        except Over as over:
            self._fail(over, told)
            return False
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Gone from error
        after = self._known
        known = before is not None and after is not None
        self._report("ok", self._text(), taken, after - before if known else None, answer)
        return True

    def _computed(self) -> float:
        """Processor seconds so far of the child and of all that it has started, by the kernel.

        What has ended in its first message, as a compiler, does not count. Of what ends later the
        kernel tells in clock ticks, and of who is never waited for only while it is there.
        """
        known = self._alive
        alive = {p: max(known.get(p, 0.0), freeze.computed(p)) for p in self._stopped}
        self._lost += sum(s for pid, s in known.items() if pid not in alive)
        self._alive = alive
        others = freeze.handed_over(alive) + supervise.reaped_seconds()
        if self._others is None:
            self._others = others
        return sum(alive.values()) + max(self._lost, others - self._others)

    def _ask(self, size: int) -> None:
        pending = memoryview(SIZE.pack(size))
        while True:
            while pending:
                try:
                    pending = pending[os.write(self._ends.messages, pending) :]
                except BlockingIOError:
                    self._wait(self._ends.messages, select.POLLOUT)
                except BrokenPipeError:
                    self._ended()
            if not self._left:
                return
            try:
                got = self._ends.outside.recv_into(
                    self._buffer, min(CHUNK, self._left), socket.MSG_DONTWAIT
                )
            except BlockingIOError:
                self._wait(self._ends.outside.fileno(), select.POLLIN)
                continue
            if not got:
                raise Gone
            self._left -= got
            pending = self._buffer[:got]
            if self._left:  # a look takes milliseconds, which a short message would be charged
                self._look()

    def _answer_size(self) -> int:
        head = bytearray()
        while len(head) < SIZE.size:
            head += self._read(SIZE.size - len(head))
        size: int = SIZE.unpack(head)[0]
        if size > self._answer_bytes:
            raise Over(("output_limit", "a longer answer than allowed"))
        return size

    def _answer(self) -> None:
        while self._owed:
            chunk = self._read(min(CHUNK, self._owed))
            self._ends.outside.sendall(chunk)
            self._owed -= len(chunk)
            if self._owed:  # else what stops the child looks
                self._look()

    def _short_answer(self, size: int) -> bytes:
        answer = bytearray()
        while len(answer) < size:
            answer += self._read(size - len(answer))
        return bytes(answer)

    def _read(self, most: int) -> memoryview:
        """Some of an answer."""
        while True:
            try:
                got = os.readv(self._ends.answers, [self._buffer[:most]])
            except BlockingIOError:
                self._wait(self._ends.answers, select.POLLIN)
                continue
            if not got:
                self._ended()
            return self._buffer[:got]

    def _stop(self) -> None:
        stopped = freeze.stop_descendants(self._child)
        if stopped is None:
            raise Over(("timeout", "its processes cannot be stopped"))
        self._stopped = stopped
        self._look()
        if not self._ends.log.read():
            raise Over(("output_limit", "more output than allowed"))
        with contextlib.suppress(BlockingIOError):
            if os.read(self._ends.answers, 1):
                raise Over(("nonzero", "wrote more than one answer"))

    def _ended(self) -> NoReturn:
        """A pipe is closed: so has the child ended, or it will not answer any more."""
        while True:
            self._wait(-1, 0)

    def _wait(self, descriptor: int, events: int) -> None:
        """Until a descriptor is ready. Raises Over where the child must end or has ended."""
        while True:
            left = self._started + self._seconds - time.monotonic()
            tick = supervise.TICK_SECONDS if self._pidfd is not None else _TICK_WITHOUT_PIDFD
            ready = self._ready(descriptor, events, max(0.0, min(left, tick)))
            if descriptor in ready:
                return
            self._code = supervise.reap_status(self._child)
            if self._code is not None:
                raise Over(None)
            self._look()

    def _ready(self, descriptor: int, events: int, seconds: float) -> list[int]:
        ends = self._ends
        poll = select.poll()
        poll.register(ends.wake, select.POLLIN)
        poll.register(ends.outside, select.POLLRDHUP)
        if ends.log.open:
            poll.register(ends.log.descriptor, select.POLLIN)
        if self._pidfd is not None:
            poll.register(self._pidfd, select.POLLIN)
        if descriptor >= 0:
            poll.register(descriptor, events | select.POLLRDHUP)
        found = [number for number, _ in poll.poll(seconds * 1000 + 1)]
        outside = ends.outside.fileno()
        if ends.wake in found or (outside in found and descriptor != outside):
            raise Gone
        if ends.log.descriptor in found and not ends.log.read():
            raise Over(("output_limit", "more output than allowed"))
        return found

    def _look(self) -> None:
        """Whether the time is up, and now and then what the processes take."""
        now = time.monotonic()
        if now > self._started + self._seconds:
            raise Over(("timeout", f"ran for more than {self._seconds:g} s"))
        if now < self._next_check:
            return
        self._next_check = now + supervise.TICK_SECONDS
        running = supervise.descendants(os.getpid())
        excess = supervise.excess(running, self._bounds, self._uid)
        if excess:
            raise Over(excess)
        used = freeze.processor_seconds(running) + supervise.reaped_seconds()
        self._from = used if self._from is None else self._from
        if used - self._from > self._bounds.cpu_seconds:
            raise Over(("timeout", "processor time used up"))

    def _fail(self, over: Over, told: bool) -> None:
        """Ends the child, and tells the outside why in the form it waits for."""
        supervise.end_everything(self._child, self._uid)
        self._ends.log.read()
        seconds = time.monotonic() - self._started
        bounds = replace(self._bounds, cpu_seconds=float("inf"))
        code = self._code if self._code is not None else -9
        said = over.verdict or supervise.judge(code, bounds)
        if said[0] == "ok":
            said = "nonzero", "ended without an answer"
        ending = supervise.Ending(said[0], code, seconds, said[1])
        status, detail = outcome(ending, bytes(self._ends.log.data))
        while self._left:
            got = self._ends.outside.recv(min(CHUNK, self._left))
            if not got:
                raise Gone
            self._left -= len(got)
        if not told:
            self._ends.outside.sendall(SIZE.pack(0))
        while self._owed:  # an answer that was begun has the length it was told to have
            self._ends.outside.sendall(_ZEROS[: self._owed])
            self._owed -= min(self._owed, len(_ZEROS))
        self._report(status, detail, seconds)

    def _text(self) -> str:
        return self._ends.log.data.decode("utf-8", "replace")[-DETAIL_CHARACTERS:]

    def _report(
        self, status: str, detail: str, seconds: float, computed: float | None = None,
        before: bytes = b"",
    ) -> None:  # fmt: skip
        said = {"status": status, "detail": detail, "seconds": seconds, "computed": computed}
        report = json.dumps(said).encode()
        self._ends.outside.sendall(before + REPORT.pack(len(report)) + report)
