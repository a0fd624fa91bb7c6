"""Stops a whole tree of processes, and lets it go on.

A stopped process starts nothing, but one that was not yet seen does, and so does one that is in the
middle of a fork when it is told: the tree is walked again until a walk finds none but those that
rested before it began.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable

import supervise

_SECONDS = 2.0  # a tree that grows for longer has to end
_PAUSE = 0.00005
_TRIES = 50  # of some microseconds
_CPUCLOCK_SCHED = 2  # of a process's clock number (linux/posix-timers.h)
_STILL = "TtZXD"  # D: in the kernel, from where it comes back stopped


def stop_descendants(leader: int) -> frozenset[int] | None:
    """Stops all that came of this process; None where that did not succeed.

    `leader`: of the process group in which most of them are.
    """
    deadline = time.monotonic() + _SECONDS
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGSTOP)
    # Most often it is alone: the first walk, once it rests, is then the last.
    resting = {leader} if _soon_still(leader) else None
    while time.monotonic() < deadline:
        found = set(supervise.descendants(os.getpid()))
        if found == resting:
            return frozenset(found)
        for pid in found:
            _tell(pid, signal.SIGSTOP)
        if all(_still(pid) for pid in found):
            resting = found
        else:
            resting = None
            time.sleep(_PAUSE)
    return None


def go_on(stopped: Iterable[int]) -> None:
    for pid in stopped:
        _tell(pid, signal.SIGCONT)


def _tell(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _soon_still(child: int) -> bool:
    """Whether a child that is told to stop has done so within a moment."""
    for _ in range(_TRIES):
        if _stopped(child):
            return True
        os.sched_yield()
    return False


def _stopped(child: int) -> bool:
    """By the kernel's own word."""
    with contextlib.suppress(ChildProcessError):
        return bool(os.waitid(os.P_PID, child, os.WSTOPPED | os.WNOHANG | os.WNOWAIT))
    return False


def _still(pid: int) -> bool:
    """Whether no thread of a process runs."""
    if _stopped(pid):
        return True
    try:
        threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208
    except OSError:
        return True  # it has ended
    return all(_state(f"/proc/{pid}/task/{thread}/stat") in _STILL for thread in threads)


def _state(path: str) -> str:
    return (_words(path) or ["X"])[0]


def _words(path: str) -> list[str]:
    """What a process's or thread's stat says from its state on; nothing where it has ended."""
    with contextlib.suppress(OSError):
        return supervise.contents(path).decode("ascii", "replace").rpartition(")")[2].split()
    return []


def computed(pid: int) -> float:
    """Processor seconds of all threads of a process, those that have ended too; in whole clock
    ticks where it has ended and nobody has waited for it."""
    with contextlib.suppress(OSError):
        return time.clock_gettime((~pid << 3) | _CPUCLOCK_SCHED)
    return _ticks([pid], 11, 13)


def handed_over(pids: Iterable[int]) -> float:
    """Processor seconds of children that processes have waited for, in whole clock ticks."""
    return _ticks(pids, 13, 15)


def processor_seconds(pids: Iterable[int]) -> float:
    """What processes, and those they waited for, have computed so far."""
    return _ticks(pids, 11, 15)


def _ticks(pids: Iterable[int], start: int, end: int) -> float:
    """Seconds of some of a stat's fields."""
    ticks = sum(sum(map(int, _words(f"/proc/{pid}/stat")[start:end])) for pid in pids)
    return ticks / os.sysconf("SC_CLK_TCK")
