"""What a bench shows while it goes on: told of every problem and step."""

from __future__ import annotations

from typing import Protocol

from kernelgepa.engine.result import Step


class Board(Protocol):
    """May be told from several threads."""

    def begin(self, items: int, kept: int) -> None:
        """So many in all, so many of which were done before."""

    def start(self, label: str, name: str, where: str) -> None: ...

    def step(self, label: str, done: Step) -> None: ...

    def done(self, label: str, name: str, said: str) -> None: ...
