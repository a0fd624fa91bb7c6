"""What stands around the processes that run untrusted code, and how one speaks with them.

Whatever the wall is made of, behind it runs the same program, sandbox/harness/zygote.py, which
forks one confined, disposable process for each request. A wall decides what that program can see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kernelgepa.protocols import Limits


@dataclass(frozen=True)
class Needs:
    """What the program behind a wall must have."""

    config: Mapping[str, Any]  # zygote.py's; JSON
    readable: tuple[Path, ...]  # host paths to be found at the same place, read-only
    limits: Limits  # of one request
    jobs: int  # requests at a time, conversations included
    devices: tuple[str, ...] = ()


class ZygoteDied(Exception):
    """The program behind the wall, not the request, is at fault."""


class Line(Protocol):
    """A stream of bytes to a process behind a wall. Raises ZygoteDied, OSError."""

    def send(self, data: bytes, seconds: float) -> None:
        """All of it, within a time."""

    def receive(self, size: int, seconds: float) -> bytes:
        """So many bytes; fewer where the other end has closed."""

    def close(self) -> None:
        """May be called more than once."""


class Zygote(Protocol):
    """The program behind a wall, started and ready. May be used from several threads."""

    def ask(self, request: bytes, seconds: float, most: int) -> bytes:
        """The answer to a request, at most `most` bytes. Raises ZygoteDied, OSError."""

    def talk(self) -> Line:
        """A line to a process of its own, for a conversation. Raises ZygoteDied, OSError."""

    def stop(self) -> None:
        """Ends it and everything it started. May be called more than once."""


class Wall(Protocol):
    """A kind of wall."""

    name: str

    def start(self, needs: Needs) -> Zygote:
        """Raises InfrastructureError where it does not start, with the reason."""
