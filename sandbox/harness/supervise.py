"""Watches one confined process from outside and ends everything that came of it."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import select
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

import usage

Status = Literal["ok", "nonzero", "timeout", "out_of_memory", "output_limit", "stopped"]
Verdict = tuple[Status, str]  # and why, for people

TICK_SECONDS = 0.05
_TICK_WITHOUT_PIDFD = 0.005
_CHUNK = 1 << 16
_KILL_SECONDS = 5.0
_DYING_SECONDS = 0.03  # of much memory; a process to kill others from is more to start than that


@dataclass(frozen=True)
class Bounds:
    """Limits of the whole tree of processes, beside the limits each process carries itself."""

    wall_seconds: float
    cpu_seconds: float
    memory_bytes: int
    scratch: str
    scratch_bytes: int
    processes: int  # where the kernel does not count them: those of root


@dataclass
class Stream:
    """The read end of a pipe, non-blocking, and what came out of it."""

    descriptor: int
    limit: int
    data: bytearray = field(default_factory=bytearray)
    open: bool = True

    def read(self) -> bool:
        """Reads what is there. Returns False once there was more than the limit."""
        while self.open:
            try:
                chunk = os.read(self.descriptor, _CHUNK)
            except BlockingIOError:
                return True
            if not chunk:
                self.open = False
                return True
            room = self.limit - len(self.data)
            self.data += chunk[:room]
            if len(chunk) > room:
                return False
        return True


@dataclass(frozen=True)
class Ending:
    """How the process ended. `exit_code` is negative for a signal."""

    status: Status
    exit_code: int
    seconds: float
    detail: str


def children(pid: int) -> list[int]:
    """Direct children of a process, over all its threads; empty where it has ended."""
    if not _kernel_lists_children():
        return [p for p in _all_processes() if _parent(p) == pid]
    found: list[int] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 it is done often
            found += map(int, contents(f"/proc/{pid}/task/{thread}/children").split())
    return found


def contents(path: str) -> bytes:
    """Of a file. Raises OSError."""
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        data = os.read(opened, _CHUNK)
        while more := os.read(opened, _CHUNK):
            data += more
    finally:
        os.close(opened)
    return data


@cache
def _kernel_lists_children() -> bool:
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").exists()


def _all_processes() -> Iterator[int]:
    return (int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit())


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return -1


def descendants(pid: int) -> list[int]:
    found = children(pid)
    for known in found:  # grows while it is walked
        found += children(known)
    return found


def processes_of_user() -> int:
    """Threads that count against this user's RLIMIT_NPROC now."""
    uid, total = os.getuid(), 0
    for pid in _all_processes():
        try:
            if Path(f"/proc/{pid}").stat().st_uid == uid:
                total += Path(f"/proc/{pid}/task").stat().st_nlink - 2
        except OSError:
            continue
    return total


def _kill_user(uid: int) -> None:
    """Kills every process of a uid at once; this process must be root."""
    helper = os.fork()
    if helper == 0:
        with contextlib.suppress(OSError):
            os.setresuid(uid, uid, uid)
            os.kill(-1, signal.SIGKILL)
        os._exit(0)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(helper, 0)


def end_everything(group: int | None, uid: int | None) -> None:
    """Kills and reaps all descendants of this process, which must be a subreaper.

    `group` is a process group of theirs, `uid` an identity that only they have.
    """
    start = time.monotonic()
    while (since := time.monotonic() - start) < _KILL_SECONDS:
        if group is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        for pid in descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not _reap(group).alive:
            return
        if uid is not None and since > _DYING_SECONDS:
            _kill_user(uid)
        time.sleep(0.001)


@dataclass(frozen=True)
class _Reaped:
    alive: bool  # whether any child is left
    status: int | None  # of the watched process, if it ended now


def _reap(watched: int | None) -> _Reaped:
    status = None
    while True:
        try:
            pid, code = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return _Reaped(False, status)
        if pid == 0:
            return _Reaped(True, status)
        if pid == watched:
            status = code


def reaped_seconds() -> float:
    """Processor time of all that has ended and been reaped here."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def judge(code: int, bounds: Bounds) -> Verdict:
    """What an exit code says."""
    if code == 0:
        return "ok", ""
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    if code == -signal.SIGXCPU or (
        code == -signal.SIGKILL and reaped_seconds() >= bounds.cpu_seconds
    ):
        return "timeout", "processor time used up"
    if code == -signal.SIGXFSZ:
        return "output_limit", "a file grew past its limit"
    if code == -signal.SIGKILL or peak > 0.75 * bounds.memory_bytes:
        return "out_of_memory", "memory used up"
    what = f"signal {-code}" if code < 0 else f"exit code {code}"
    return "nonzero", f"ended with {what}"


class Supervisor:
    """Follows one child, the leader of its session, until it ends or must end.

    `hangups` are descriptors that become readable when nobody wants the result any more.
    """

    def __init__(
        self,
        child: int,
        streams: Sequence[Stream],
        bounds: Bounds,
        hangups: Sequence[int],
        uid: int | None,
    ) -> None:
        self._child, self._streams, self._bounds, self._uid = child, streams, bounds, uid
        self._started = time.monotonic()
        self._poll = select.poll()
        self._by_descriptor: Mapping[int, Stream] = {s.descriptor: s for s in streams}
        self._hangups = frozenset(hangups)
        for descriptor in (*self._by_descriptor, *hangups):
            self._poll.register(descriptor, select.POLLIN)
        self._pidfd = pidfd(child)
        if self._pidfd is not None:
            self._poll.register(self._pidfd, select.POLLIN)
        self._next_check = self._started + TICK_SECONDS

    def run(self) -> Ending:
        """Waits, enforces, kills what is left, reads what is left in the pipes."""
        code: int | None = None
        verdict: Verdict | None = None
        while code is None and verdict is None:
            verdict = self._turn()
            code = reap_status(self._child)
        if self._pidfd is not None:
            os.close(self._pidfd)
        end_everything(self._child, self._uid)
        overflow = [s for s in self._streams if not s.read()]
        if verdict is None and code is not None:
            verdict = judge(code, self._bounds)
            if overflow:
                verdict = "output_limit", "more output than allowed"
        status, detail = verdict or ("stopped", "")
        seconds = time.monotonic() - self._started
        return Ending(status, -signal.SIGKILL if code is None else code, seconds, detail)

    def _turn(self) -> Verdict | None:
        """One wait. Returns why the process must end now, if it must."""
        now = time.monotonic()
        left = self._started + self._bounds.wall_seconds - now
        if left <= 0:
            return "timeout", f"ran for more than {self._bounds.wall_seconds:g} s"
        tick = TICK_SECONDS if self._pidfd is not None else _TICK_WITHOUT_PIDFD
        return self._listen(min(left, tick)) or self._check()

    def _listen(self, seconds: float) -> Verdict | None:
        for descriptor, _ in self._poll.poll(seconds * 1000 + 1):
            if descriptor in self._hangups:
                return "stopped", "nobody waits for the result"
            stream = self._by_descriptor.get(descriptor)
            if stream is None:
                continue
            if not stream.read():
                return "output_limit", "more output than allowed"
            if not stream.open:
                self._poll.unregister(descriptor)
        return None

    def _check(self) -> Verdict | None:
        """Memory and files of the whole tree, now and then."""
        if time.monotonic() < self._next_check:
            return None
        self._next_check = time.monotonic() + TICK_SECONDS
        return excess(descendants(os.getpid()), self._bounds, self._uid)


def excess(running: Sequence[int], bounds: Bounds, uid: int | None) -> Verdict | None:
    """What processes have too much of: memory, processes, files."""
    if usage.more_memory(running, bounds.memory_bytes):
        return "out_of_memory", "memory used up"
    if len(running) > bounds.processes:
        return "out_of_memory", "more processes than allowed"
    if uid is None and usage.hidden(running):
        return "output_limit", "a program that its user may not read"
    if usage.scratch_full(bounds.scratch, bounds.scratch_bytes, running):
        return "output_limit", "more files than allowed"
    return None


def reap_status(watched: int) -> int | None:
    """Reaps what has ended. The exit code of the watched process, if it has."""
    status = _reap(watched).status
    return None if status is None else os.waitstatus_to_exitcode(status)


def pidfd(pid: int) -> int | None:
    """Becomes readable when the process ends; None where the kernel has no such thing."""
    try:
        return os.pidfd_open(pid)
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EPERM, errno.EINVAL):
            return None
        raise
