"""A pool of confined, disposable workers: one request, one process, then nothing of it is left.

The processes belong to sandbox/harness/zygote.py; this is the side that keeps the secrets.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import struct
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import Limits, WorkerOutcome
from kernelgepa.sandbox import harness
from kernelgepa.sandbox.conversation import HEAD_BYTES, WorkerConversation, told
from kernelgepa.sandbox.devices import paths
from kernelgepa.sandbox.local import LandlockWall
from kernelgepa.sandbox.wall import Line, Needs, Wall, Zygote, ZygoteDied

_FRAME = struct.Struct("!I")
_GRACE_SECONDS = 15.0
_ATTEMPTS = 3  # a zygote that dies under a request is replaced, and the request sent again


class Served:
    """A zygote behind a wall, started when it is first needed and replaced when it dies.

    At most `needs.jobs` requests run at a time; more wait.
    """

    def __init__(self, wall: Wall, needs: Needs) -> None:
        self._wall, self._needs = wall, needs
        self._slots = threading.BoundedSemaphore(needs.jobs)
        self._lock = threading.Lock()
        self._zygote: Zygote | None = None
        self._closed = False
        self._running = 0

    def ask(
        self, request: bytes, wall_seconds: float, most: int, whole: Callable[[bytes], bool]
    ) -> bytes:
        """The answer, at most `most` bytes, and `whole`. Raises InfrastructureError."""
        with self._lock:
            self._running += 1
        try:
            with self._slots:
                return self._ask(request, wall_seconds, most, whole)
        finally:
            with self._lock:
                self._running -= 1

    def _ask(
        self, request: bytes, wall_seconds: float, most: int, whole: Callable[[bytes], bool]
    ) -> bytes:
        for _ in range(_ATTEMPTS):
            zygote = self._living()
            with contextlib.suppress(ZygoteDied, OSError):
                answer = zygote.ask(request, wall_seconds + _GRACE_SECONDS, most)
                if whole(answer):
                    return answer
            self._replace(zygote)
        raise InfrastructureError(
            f"the process that starts workers died {_ATTEMPTS} times under one request"
        )

    def talk(self) -> Line:
        """A line to a process of its own. Raises InfrastructureError."""
        for _ in range(_ATTEMPTS):
            zygote = self._living()
            with contextlib.suppress(ZygoteDied, OSError):
                return zygote.talk()
            self._replace(zygote)
        raise InfrastructureError(f"the process that starts workers died {_ATTEMPTS} times")

    @property
    def idle(self) -> bool:
        """Whether no request runs now."""
        with self._lock:
            return self._running == 0

    def close(self) -> None:
        """Ends everything; requests still running raise InfrastructureError."""
        with self._lock:
            self._closed = True
            zygote, self._zygote = self._zygote, None
        if zygote is not None:
            zygote.stop()

    def _living(self) -> Zygote:
        with self._lock:
            if self._closed:
                raise InfrastructureError("the worker pool is closed")
            if self._zygote is None:
                self._zygote = self._wall.start(self._needs)
            return self._zygote

    def _replace(self, dead: Zygote) -> None:
        with self._lock:
            if self._zygote is dead:
                self._zygote = None
        dead.stop()


class Spares:
    """Zygotes that pools leave behind, ready for pools with the same needs: to import a handler may
    take seconds. What they forked has ended. May be used from several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._left: list[tuple[str, Served]] = []  # the one left last comes last
        self._closed = False

    def take(self, needs: Needs) -> Served | None:
        """One that is used by nobody else from now on."""
        with self._lock:
            found = next((one for one in self._left if one[0] == _key(needs)), None)
            if found is not None:
                self._left.remove(found)
        return found[1] if found is not None else None

    def leave(self, needs: Needs, served: Served) -> None:
        """Keeps it; ends the oldest where there are too many."""
        with self._lock:
            self._left.append((_key(needs), served))
            many = len(self._left) if self._closed else max(0, len(self._left) - self._most)
            dropped, self._left = self._left[:many], self._left[many:]
        for _, each in dropped:
            each.close()

    def close(self) -> None:
        """Ends all of them, and what is left later."""
        with self._lock:
            self._closed = True
            left, self._left = self._left, []
        for _, each in left:
            each.close()


def _key(needs: Needs) -> str:
    return json.dumps([needs.config, list(needs.devices), needs.jobs], sort_keys=True)


class WorkerPool:
    """Runs `handler` ("package.module:function", bytes -> bytes) once per request.

    A request runs in a process forked from one that has imported the handler, in a scratch
    directory of its own (its current directory), able to read the interpreter, kernelgepa, the
    handler's package and `readable`, and to write only the scratch directory. `submit` may be
    called from many threads; at most `jobs` requests run at a time, and beside them as many
    conversations. `programs`: it may execute the system's programs, such as compilers, and those
    it writes. Raises InfrastructureError where the handler cannot be imported.
    """

    def __init__(
        self,
        handler: str,
        jobs: int = 1,
        readable: Sequence[Path] = (),
        limits: Limits | None = None,
        answer_bytes: int = 32 << 20,
        devices: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        programs: bool = False,
        wall: Wall | None = None,
        spares: Spares | None = None,
    ) -> None:
        """`spares`: where its zygote comes from, if there is one, and where it is left."""
        self._limits = limits or Limits()
        self._answer_bytes = answer_bytes
        found = [str(path) for name in devices for path in paths(name)]
        system = _system() if programs or devices else ()
        config = {
            **_config(handler, (*readable, *system), self._limits, answer_bytes),
            "devices": found,
            "environment": dict(environment or {}),
            "execute_scratch": programs,
        }
        places = tuple(Path(path) for path in config["readable"])
        self._needs = Needs(config, places, self._limits, 2 * jobs, tuple(devices))
        self._spares = spares
        kept = spares.take(self._needs) if spares is not None else None
        self._zygote: Served | None = kept or Served(wall or LandlockWall(), self._needs)
        self._lock = threading.Lock()
        self._talking = 0
        self._requests = threading.BoundedSemaphore(jobs)
        self._conversations = threading.BoundedSemaphore(jobs)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def submit(self, request: bytes) -> WorkerOutcome:
        """Runs one request; waits for a free slot. What the request did wrong is in the status.

        Raises InfrastructureError where no worker can be had.
        """
        most = self._answer_bytes + HEAD_BYTES
        with self._requests:
            answer = self._served().ask(request, self._limits.wall_seconds, most, _is_whole)
        return _outcome(answer)

    def open(self) -> WorkerConversation:
        """Waits until fewer than `jobs` conversations of this pool are open.

        Raises InfrastructureError where no worker can be had.
        """
        self._conversations.acquire()
        with self._lock:
            self._talking += 1
        try:
            line = self._served().talk()
        except BaseException:
            self._ended()
            raise
        return WorkerConversation(line, self._limits, self._answer_bytes, self._ended)

    @property
    def closed(self) -> bool:
        """Whether it takes no requests any more."""
        with self._lock:
            return self._zygote is None

    def close(self) -> None:
        """Ends every worker; requests still running raise InfrastructureError."""
        with self._lock:
            served, self._zygote = self._zygote, None
            alone = self._talking == 0
        if served is None:
            return
        if self._spares is not None and alone and served.idle:
            self._spares.leave(self._needs, served)
        else:
            served.close()

    def _served(self) -> Served:
        with self._lock:
            if self._zygote is None:
                raise InfrastructureError("the worker pool is closed")
            return self._zygote

    def _ended(self) -> None:
        """A conversation has."""
        with self._lock:
            self._talking -= 1
        self._conversations.release()


def _is_whole(data: bytes) -> bool:
    return len(data) >= _FRAME.size and len(data) >= _FRAME.size + _FRAME.unpack_from(data)[0]


def _outcome(data: bytes) -> WorkerOutcome:
    end = _FRAME.size + _FRAME.unpack_from(data)[0]
    return told(data[_FRAME.size : end], data[end:])


def _config(
    handler: str, readable: Sequence[Path], limits: Limits, answer_bytes: int
) -> dict[str, Any]:
    top = handler.partition(":")[0].partition(".")[0]
    spec = importlib.util.find_spec(top)
    if spec is None or (spec.origin is None and not spec.submodule_search_locations):
        raise InfrastructureError(f"no module {top!r} for a worker's handler")
    folders = [Path(p) for p in spec.submodule_search_locations or ()]
    own = [*(folders or [Path(str(spec.origin))]), Path(__file__).resolve().parents[1]]
    interpreter = harness.interpreter_paths()
    paths = [str(p.parent.resolve()) for p in own]
    paths += [p for p in sys.path if p and Path(p).is_absolute() and _is_library(Path(p))]
    return {
        "handler": handler,
        "sys_path": list(dict.fromkeys(paths)),
        "readable": sorted({str(p.resolve()) for p in (*own, *interpreter, *readable)}),
        "limits": asdict(limits),
        "answer_bytes": answer_bytes,
    }


def _system() -> tuple[Path, ...]:
    """What programs, the interpreter among them, and drivers' libraries need to be found."""
    python = (Path(sys.executable), Path(sys.prefix) / "pyvenv.cfg")
    return tuple(path for path in (*map(Path, harness.SYSTEM), *python) if path.exists())


def _is_library(path: Path) -> bool:
    """Whether an entry of sys.path holds the interpreter's own or installed modules."""
    resolved = path.resolve()
    return any(resolved.is_relative_to(p) for p in harness.interpreter_paths())
