"""How a run begins, and how one that has begun is read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kernelgepa.engine.journal import EVENTS, VERSION, Journal, read
from kernelgepa.engine.select import Rules
from kernelgepa.errors import InputError
from kernelgepa.judge.secret import Secret
from kernelgepa.runs.settings import Settings
from kernelgepa.serial import from_plain, to_plain

SECRET = "secret"


@dataclass(frozen=True)
class Planned:
    """A task of a run: what the user named it by, and what it was then."""

    name: str
    spec: str  # "" where it was given as an object
    digest: str
    target: str


@dataclass(frozen=True)
class Start:
    """The first event of a journal."""

    kernelgepa: str
    settings: Settings
    rules: Rules
    tasks: tuple[Planned, ...]
    versions: Mapping[str, str]
    secret: str  # its fingerprint
    unusable: Mapping[str, str]
    machine: Mapping[str, str] = field(default_factory=dict)  # on which it began


def begin(journal: Journal, start: Start, secret: Secret) -> None:
    """Writes the first event, and keeps the secret."""
    secret.write(journal.directory / SECRET)
    plain = to_plain(replace(start, settings=replace(start.settings, jobs=1, cache=True)))
    journal.append("start", version=VERSION, **plain)
    journal.checkpoint()


def started(directory: Path) -> Start:
    """How a run began. Raises InputError where there is none, or a damaged one."""
    if not (directory / EVENTS).is_file():
        inside = sorted(directory.glob(f"*/{EVENTS}"))
        hint = f"; there is one in {inside[0].parent}" if inside else ""
        raise InputError(
            f"{directory} is not a run: expected a directory with {EVENTS}, as `kernelgepa "
            f"optimize` makes{hint}"
        )
    first = next(read(directory), None)
    try:
        if first is None or first["event"] != "start":
            raise ValueError("its first event is not the start of a run")
        if first["version"] > VERSION:
            raise InputError(
                f"run directory {directory} was written by a newer version (format "
                f"{first['version']}, this is {VERSION}); upgrade kernelgepa"
            )
        return from_plain(Start, first)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"the journal of {directory} is damaged ({error}); restore it or start a new run"
        ) from error
