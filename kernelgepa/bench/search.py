"""One search of a bench: a run directory, begun or gone on with."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kernelgepa import session
from kernelgepa.engine.journal import read
from kernelgepa.engine.result import Result, Watcher
from kernelgepa.errors import InputError, OtherVersions
from kernelgepa.protocols import Sandbox
from kernelgepa.runs.settings import Settings
from kernelgepa.runs.start import started


class Refused(Exception):
    """The task cannot be judged; the text says why."""


def search(
    spec: str, folder: Path, settings: Settings, watch: Watcher, sandbox: Sandbox | None
) -> Result:
    """Optimises the task that `spec` names in `folder`, or goes on there.

    A run that was killed before its seed had been judged is begun anew. Raises Refused where the
    seed cannot be judged, ReferenceFault of a reference that fails later, InputError for all else
    that cannot be used, and InfrastructureError.
    """
    if folder.exists() and not _has(folder, "judged"):
        shutil.rmtree(folder)
    try:
        if folder.exists():
            return _gone_on(folder, settings, watch, sandbox)
        planned = session.plan(spec, settings, sandbox)
        return session.optimize(planned, settings, folder, watch, sandbox=sandbox)
    except InputError as error:
        begun = _has(folder, "start")
        if begun and not _has(folder, "judged"):
            raise Refused(str(error)) from error
        if folder.exists() and not begun:
            shutil.rmtree(folder)
        raise


def _gone_on(folder: Path, settings: Settings, watch: Watcher, sandbox: Sandbox | None) -> Result:
    try:
        return session.go_on(folder, _with(settings), watch, sandbox=sandbox)
    except OtherVersions as error:
        raise InputError(f"{error}; without {folder} its search begins anew") from error


def _with(settings: Settings) -> Callable[[Settings], Settings]:
    """What a run that goes on takes of the command: nothing that decides."""
    return lambda kept: replace(kept, jobs=settings.jobs, cache=settings.cache)


def _has(folder: Path, event: str) -> bool:
    return any(e["event"] == event for e in read(folder))


def device_of(folder: Path) -> str:
    """Where a search that has begun is timed; "" where none has."""
    return started(folder).settings.device if _has(folder, "judged") else ""
