"""What calls of problems take, found out in a sandbox and kept for the next time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from importlib import metadata
from pathlib import Path
from types import TracebackType

from kernelgepa.errors import InfrastructureError, InputError
from kernelgepa.home import cache_home
from kernelgepa.kernelbench.fit import Demand
from kernelgepa.measured.machine import workers
from kernelgepa.measured.seat import Failed, Seat
from kernelgepa.protocols import Sandbox
from kernelgepa.sandbox import Choice, open_sandbox


class Follower:
    """Counts by following a problem without values. Its sandbox starts when it is first needed.

    Where nothing can be told, the answer is None: no sandbox starts, no torch, values are needed.
    """

    def __init__(
        self,
        where: Sandbox | Choice | None = None,
        starting: Callable[[], None] = lambda: None,
    ) -> None:
        """`where`: a sandbox that is open, or the one to be opened; None for that of
        `open_sandbox`. `starting` is called before the first that is not known is followed."""
        self._starting = starting
        self._where = where
        self._open = contextlib.ExitStack()
        self._seat: Seat | None = None
        self._failed = False  # to start; no problem after the first waits for that again

    def __enter__(self) -> Follower:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._open.close()

    def __call__(self, code: str) -> Demand | None:
        """Of a problem's text."""
        place = _place(code)
        with contextlib.suppress(OSError, ValueError, TypeError):
            known = json.loads(place.read_text(encoding="utf-8"))
            return Demand(**known) if known else None
        if self._failed:
            return None
        try:
            found = self._started().demand(code)
        except Failed:
            found = None
        except (InfrastructureError, InputError):
            self._failed = True
            return None  # nothing that is true of the problem; who runs it meets the same
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            part = place.with_suffix(f".{os.getpid()}")
            part.write_text(json.dumps(asdict(found) if found else {}), encoding="utf-8")
            part.replace(place)
        return found

    def _started(self) -> Seat:
        if self._seat is None:
            self._starting()
            given = self._where
            if given is None or isinstance(given, Choice):
                given = self._open.enter_context(open_sandbox(given))
            started = workers(given, "torch", "cpu")
            self._open.callback(started.close)
            self._seat = Seat(started, {})
            self._open.callback(self._seat.close)
        return self._seat


def _place(code: str) -> Path:
    """Where the answer is kept: it depends on the text, on torch, and on how it is counted."""
    own = ("demand.py", "following.py", "operations.py")
    counted = [Path(__file__).with_name(name).read_bytes() for name in own]
    parts = [code.encode("utf-8", "surrogatepass"), metadata.version("torch").encode(), *counted]
    name = hashlib.sha256(b"\0".join(parts)).hexdigest()
    return cache_home() / "demands" / name[:2] / f"{name}.json"
