"""A process outside the sandbox that notices what is done to it."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

# Says which signals it got; tells its memory when asked; ends when its starter does.
_PROGRAM = """
import ctypes, os, signal, sys
kept = ctypes.create_string_buffer(sys.stdin.readline().strip().encode())
for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
    signal.signal(number, lambda n, _: os.write(1, b"signal %d\\n" % n))
os.write(1, b"%d\\n" % ctypes.addressof(kept))
for line in sys.stdin:
    os.write(1, b"memory " + kept.value + b"\\n")
"""
_MARK = "kernelgepa-victim"
_SECONDS = 5.0


class Victim:
    """Holds one secret in its environment, one in its command line, one in its memory."""

    def __init__(self, environment: Mapping[str, str], command: str, memory: str) -> None:
        self._environment, self._command, self._memory = dict(environment), command, memory
        self._start()

    def _start(self) -> None:
        argv = [sys.executable, "-I", "-S", "-c", _PROGRAM, f"{_MARK}-{self._command}"]
        self._process = subprocess.Popen(
            argv, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            start_new_session=True, text=True,
        )  # fmt: skip
        self._write(self._memory)
        self.pid = self._process.pid
        self.address = int(self._read())
        self._state = self._observed()

    def harm(self) -> list[str]:
        """What was done to it since the last call; it is whole again afterwards."""
        found = []
        status = _status(self.pid)
        if status.get("State", "Z")[0] in "Tt" or status.get("TracerPid", "0") != "0":
            found.append("a process outside was stopped or traced")
        elif self._process.poll() is not None:
            found.append("a process outside was killed")
        else:
            found += self._told()
            if not found and self._observed() != self._state:
                found.append("priority or limits of a process outside were changed")
        if found:
            self.close()
            self._start()
        return found

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()

    def _told(self) -> list[str]:
        """Asks for its memory; anything said before the answer is about a signal."""
        found = []
        try:
            self._write("?")
            while (line := self._read()).startswith("signal"):
                found.append(f"a process outside got {line}")
        except (OSError, TimeoutError):
            return [*found, "a process outside was killed"]
        if line != f"memory {self._memory}":
            found.append("the memory of a process outside was changed")
        return found

    def _observed(self) -> tuple[object, ...]:
        adjusted = Path(f"/proc/{self.pid}/oom_score_adj").read_text()
        return (
            os.getpriority(os.PRIO_PROCESS, self.pid),
            os.sched_getaffinity(self.pid),
            resource.prlimit(self.pid, resource.RLIMIT_NOFILE),
            adjusted,
        )

    def _write(self, line: str) -> None:
        if self._process.stdin is None:
            raise OSError("the victim has no input")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _read(self) -> str:
        """One line. Raises TimeoutError where none comes."""
        pipe = self._process.stdout
        if pipe is None:
            raise OSError("the victim has no output")
        os.set_blocking(pipe.fileno(), False)
        deadline, line = time.monotonic() + _SECONDS, b""
        while not line.endswith(b"\n"):
            if time.monotonic() > deadline:
                raise TimeoutError("the victim does not answer")
            try:
                byte = os.read(pipe.fileno(), 1)
            except BlockingIOError:
                time.sleep(0.001)
                continue
            if not byte:
                raise OSError("the victim has ended")
            line += byte
        return line.decode().strip()


def _status(pid: int) -> Mapping[str, str]:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return {}
    return {k: v.strip() for k, _, v in (line.partition(":") for line in text.splitlines())}
