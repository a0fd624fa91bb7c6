"""Which sandbox: the one asked for, or the strongest that really works on this machine."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kernelgepa.content import content
from kernelgepa.errors import InfrastructureError, InputError
from kernelgepa.home import cache_home
from kernelgepa.protocols import SandboxJob
from kernelgepa.sandbox.bwrap import BwrapWall
from kernelgepa.sandbox.docker import DockerWall
from kernelgepa.sandbox.local import LandlockWall, NoWall
from kernelgepa.sandbox.probe import GUARANTEES
from kernelgepa.sandbox.strict_json import loads
from kernelgepa.sandbox.wall import Wall
from kernelgepa.sandbox.walled import WalledSandbox

VARIABLE = "KERNELGEPA_SANDBOX"
_SCHEMA = 1
SHORT = {"fs": "filesystem", "net": "network", "env": "environment"}


@dataclass(frozen=True)
class Choice:
    """What the user asks for. `name`: auto, or one of `backends()`."""

    name: str = ""  # empty: as the environment says, else auto
    image: str | None = None  # of a container; None: the host's own programs, read-only
    runtime: str | None = None  # of the container engine, such as runsc
    require: tuple[str, ...] = ()  # guarantees without which nothing is to be run


def backends(choice: Choice | None = None) -> Mapping[str, Callable[[], Wall]]:
    """Name -> how the wall is made, strongest first; `none` last."""
    given = choice or Choice()

    def docker() -> Wall:
        return DockerWall(given.image, given.runtime)

    return {"docker": docker, "bwrap": BwrapWall, "landlock": LandlockWall, "none": NoWall}


def is_named(choice: Choice) -> bool:
    """Whether the user has named a backend, by the choice or in the environment."""
    return (choice.name or os.environ.get(VARIABLE) or "auto") != "auto"


def open_sandbox(choice: Choice | None = None, *, anew: bool = False) -> WalledSandbox:
    """A sandbox that has been tried. `anew`: measure its guarantees again, whatever is on record.

    Raises InputError where what is asked for cannot be had, InfrastructureError where nothing
    works.
    """
    given = choice or Choice()
    named = given.name or os.environ.get(VARIABLE) or "auto"
    known = backends(given)
    if named not in ("auto", *known):
        raise InputError(f"no sandbox {named!r}; there are {', '.join(['auto', *known])}")
    wanted = _wanted(given.require)
    reasons = []
    for name in _tried(named, given, list(known)):
        sandbox = WalledSandbox(known[name]())
        try:
            held = _guarantees(sandbox, anew)
        except InfrastructureError as error:
            sandbox.close()
            reasons.append(f"{name}: {error}")
            continue
        open_ = [guarantee for guarantee in wanted if not held[guarantee]]
        if not open_:
            return sandbox
        sandbox.close()
        reasons.append(f"{name} does not keep {' and '.join(open_)} here (measured)")
    said = "; ".join(reasons)
    if wanted or named != "auto":
        raise InputError(f"the sandbox asked for cannot be had: {said}")
    raise InfrastructureError(f"no sandbox works here: {said}")


def _wanted(require: Sequence[str]) -> list[str]:
    wanted = [SHORT.get(name, name) for name in require]
    for name in wanted:
        if name not in GUARANTEES:
            listed = ", ".join(GUARANTEES)
            raise InputError(f"no guarantee {name!r} of a sandbox; there are {listed}")
    return wanted


def _tried(named: str, given: Choice, known: Sequence[str]) -> Sequence[str]:
    if given.image or given.runtime:
        if named not in ("auto", "docker"):
            raise InputError(f"the sandbox {named} has neither images nor runtimes; use docker")
        return ["docker"]
    return [name for name in known if name != "none"] if named == "auto" else [named]


def _guarantees(sandbox: WalledSandbox, anew: bool) -> Mapping[str, bool]:
    """Measured now, or since this machine was started: an engine may be another one by now, the
    kernel is the same."""
    place = None if sandbox.name == "docker" else _record(sandbox.name)
    if place is not None and not anew:
        found = _read(place)
        if found is not None:
            sandbox.run(SandboxJob(("/bin/true",)))  # on record or not: it must start
            sandbox.known(found)
    held = sandbox.guarantees()
    if place is not None:
        with contextlib.suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            written = place.with_name(f"{place.name}.{os.getpid()}")
            written.write_text(json.dumps(dict(held)))
            written.replace(place)
    return held


def _record(name: str) -> Path | None:
    """Where what this sandbox keeps is on record: for one boot, interpreter, user and version."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    parts = [name, boot, str(Path(sys.executable).resolve()), str(os.geteuid()), str(_SCHEMA)]
    parts += [f"{p.name}{p.stat().st_mtime_ns}" for p in sorted(_harness().glob("*.py"))]
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
    return cache_home() / "guarantees" / f"{name}-{digest}.json"


def _read(place: Path) -> Mapping[str, bool] | None:
    try:
        found = loads(place.read_bytes(), max_bytes=1 << 12)
    except (OSError, ValueError):
        return None
    whole = isinstance(found, dict) and set(found) == set(GUARANTEES)
    return found if whole and all(isinstance(v, bool) for v in found.values()) else None


def _harness() -> Path:
    return content("sandbox") / "harness"
