"""The folder of a bench: what was asked, a run directory a search, our results."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kernelgepa.errors import InputError
from kernelgepa.kernelbench import files

REQUEST = "bench.json"
RESULTS = "results.json"
_WHAT = "what a bench was asked for"


def place(runs: Path, name: str, request: Mapping[str, Any]) -> Path:
    """Where a bench of this name is or will be; nothing is made.

    Raises InputError for a name that is none, and where another bench has it.
    """
    folder = runs / files.plain_name(name, "--run")
    if not folder.exists():
        return folder
    if not (folder / REQUEST).is_file():
        raise InputError(f"{folder} is there and is no bench; choose another --run")
    before = files.read(folder / REQUEST, _WHAT)
    for key in sorted({*before, *request}):
        then, now = before.get(key), request.get(key)
        if then != now:
            raise InputError(
                f"{folder} was begun with {key}: {_said(then)}, and is now given {_said(now)}; "
                "give the same to go on with it, or choose another --run"
            )
    return folder


@contextmanager
def held(folder: Path, request: Mapping[str, Any]) -> Iterator[None]:
    """Makes the folder and keeps other processes out of it. Raises InputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("ab")
    except OSError as error:
        raise InputError(
            f"cannot make the folder {folder}: {error.strerror}; choose another --out"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(
                f"{folder} is in use by another process; wait for it or choose another --run"
            ) from error
        files.write(folder / REQUEST, dict(request))
        yield


def _said(value: object) -> str:
    return "nothing" if value in (None, "") else str(value)
