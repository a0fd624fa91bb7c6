"""A run's directory: `events.jsonl` is the only truth, everything else can be made from it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kernelgepa.errors import InputError

VERSION = 1
EVENTS = "events.jsonl"


class Journal:
    """Appends events; one process at a time. A torn last line is dropped on opening.

    Raises InputError where the directory is in use, cannot be written or is of a newer version.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock = threading.Lock()
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._file = (directory / EVENTS).open("a+b")
        except OSError as error:
            raise InputError(
                f"cannot write the run directory {directory}: {error.strerror}; choose another "
                "with --out"
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise InputError(
                f"run directory {directory} is in use by another process; wait until that has "
                "ended, or begin a new run"
            ) from error
        self._drop_torn_line()
        version = next((e.get("version", 1) for e in read(directory)), VERSION)
        if version > VERSION:
            self._file.close()
            raise InputError(
                f"run directory {directory} was written by a newer version (format {version}, "
                f"this is {VERSION}); upgrade kernelgepa"
            )

    def _drop_torn_line(self) -> None:
        self._file.seek(0)
        data = self._file.read()
        whole = data.rfind(b"\n") + 1
        if whole != len(data):
            self._file.truncate(whole)
        self._file.seek(0, os.SEEK_END)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        with contextlib.suppress(ValueError, OSError):
            self.checkpoint()
        self._file.close()

    def append(self, kind: str, **fields: Any) -> None:
        """Writes one event. It survives the death of this process from here on."""
        line = json.dumps({"event": kind, **fields}, separators=(",", ":"))
        with self._lock:
            self._file.write(line.encode() + b"\n")
            self._file.flush()

    def events(self) -> Iterator[Mapping[str, Any]]:
        """What is in it. Raises InputError where it is damaged."""
        return read(self.directory)

    def checkpoint(self) -> None:
        """What has been written survives a power loss from here on."""
        os.fsync(self._file.fileno())


def read(directory: Path) -> Iterator[Mapping[str, Any]]:
    """Events in order; a torn last line is ignored."""
    path = directory / EVENTS
    if not path.is_file():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            try:
                event = json.loads(line)
            except ValueError as error:
                raise InputError(
                    f"{path} line {number} is not JSON: the journal is damaged; restore it or "
                    "start a new run"
                ) from error
            yield event
