"""What a bench shows: a line a problem, a live table on a terminal, or JSON events."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kernelgepa.cli.screen import Screen, columns

if TYPE_CHECKING:
    from kernelgepa.bench.board import Board
    from kernelgepa.engine.result import Step

SHOWN = 12


class Lines:
    """One line a problem that is done."""

    def __init__(self, out: Screen) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._all = self._count = 0

    def begin(self, items: int, kept: int) -> None:
        self._all, self._count = items, kept
        if kept:
            self._out.line(f"{kept} of {items} were done before")

    def start(self, label: str, name: str, where: str) -> None:
        """Nothing: a line when it is done is enough."""

    def step(self, label: str, done: Step) -> None:
        """Nothing either."""

    def done(self, label: str, name: str, said: str) -> None:
        with self._lock:
            self._count += 1
            self._out.line(f"[{self._count}/{self._all}] {_titled(label, name)}: {said}")


@dataclass
class _Row:
    name: str
    where: str
    candidates: int = 0
    best: float = 0.0
    change: str = ""


class Drawn:
    """A table of what is under way, below what is done."""

    def __init__(self, out: Screen) -> None:
        from rich.live import Live  # noqa: PLC0415

        self._out = out
        self._lock = threading.Lock()
        self._rows: dict[str, _Row] = {}
        self._lines: list[str] = []
        self._all = self._count = 0
        self._begun = time.monotonic()
        self._live = Live(auto_refresh=False, transient=True)
        self._live.start()

    def begin(self, items: int, kept: int) -> None:
        self._all, self._count = items, kept
        self._draw()

    def start(self, label: str, name: str, where: str) -> None:
        with self._lock:
            self._rows[label] = _Row(name, where)
        self._draw()

    def step(self, label: str, done: Step) -> None:
        with self._lock:
            row = self._rows[label]
            row.candidates, row.best = done.spend.candidates, done.best
            row.change = done.outcome.proposal.note or done.outcome.proposal.origin
        self._draw()

    def done(self, label: str, name: str, said: str) -> None:
        with self._lock:
            self._rows.pop(label, None)
            self._count += 1
            self._lines.append(f"{_titled(label, name)}: {said}")
        self._draw()

    def _draw(self) -> None:
        from rich.text import Text  # noqa: PLC0415

        with self._lock:
            rows = [
                (k, r.name, r.where, str(r.candidates), f"{r.best:.2f}x" if r.best else "-",
                 r.change)
                for k, r in self._rows.items()
            ]  # fmt: skip
            titles = ("problem", "name", "on", ">candidates", ">best so far", "last change")
            passed = time.monotonic() - self._begun
            foot = f"{self._count} of {self._all} done; {passed:.0f} s (measured)"
            shown = [*self._lines[-SHOWN:], "", *columns(titles, rows), foot]
            text = Text("\n".join(shown), no_wrap=True, overflow="ellipsis")
            self._live.update(text, refresh=True)

    def stop(self) -> None:
        """Gives the terminal back; what was done stays as lines."""
        self._live.stop()
        for text in self._lines:
            self._out.line(text)


class Events:
    """One JSON object a line."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def begin(self, items: int, kept: int) -> None:
        self.say({"event": "begin", "items": items, "kept": kept})

    def start(self, label: str, name: str, where: str) -> None:
        self.say({"event": "start", "problem": label, "name": name, "device": where})

    def step(self, label: str, done: Step) -> None:
        from kernelgepa.cli.progress import step_event  # noqa: PLC0415

        if not done.replayed:
            self.say({"problem": label, **step_event(done)})

    def done(self, label: str, name: str, said: str) -> None:
        self.say({"event": "done", "problem": label, "name": name, "text": said})

    def say(self, value: dict[str, Any]) -> None:
        with self._lock:
            print(json.dumps(value), flush=True)


def _titled(label: str, name: str) -> str:
    return f"{label} {name}" if name else label


@contextmanager
def shown(as_json: bool) -> Iterator[Board]:
    """The board for where the output goes; the terminal is given back whatever happens."""
    out = Screen()
    if as_json:
        yield Events()
    elif out.live:
        drawn = Drawn(out)
        try:
            yield drawn
        finally:
            drawn.stop()
    else:
        yield Lines(out)
