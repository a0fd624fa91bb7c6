"""The red team's cases, read from sandbox/redteam: one TOML file for a cheat and its honest twin.

class = "caching by pointer"       a class of cheats; several cases may share one
about = "..."                      the trick, in one sentence
problem = "matmul"                 of sandbox/redteam/problems
reasons = ["timed-wrong"]          codes and labels of which one must be given
gain = "work"                      where a naive judge sees no speedup: no work of its own
needs = ["cuda", "c++"]            beyond torch
policy, shapes, hidden, naive      what is special in judging it
hostile = '''...'''                a file that defines ModelNew
honest = '''...'''                 the same, correct, and alike to look at
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from kernelgepa.content import content
from kernelgepa.errors import InfrastructureError, InputError

Role = Literal["hostile", "rewritten", "honest"]
ROLES: tuple[Role, ...] = ("hostile", "rewritten", "honest")
# The judge took it for correct, and it was no faster: the trick came to nothing.
NO_WIN = "no-win"


@dataclass(frozen=True)
class RedCase:
    """One cheat. `naive` are habits of the naive judge that it needs to win."""

    name: str  # "time/cache-pointer"
    kind: str  # its class
    about: str
    problem: str
    reasons: frozenset[str]
    hostile: str
    honest: str
    gain: Literal["time", "work"] = "time"
    needs: tuple[str, ...] = ()
    policy: str = ""
    shapes: Literal["fixed", "general"] = "fixed"
    scalars: Mapping[str, int] = field(default_factory=dict)
    hidden: Mapping[str, int] = field(default_factory=dict)  # of a workload it does not know
    naive: Mapping[str, Any] = field(default_factory=dict)

    def source(self, role: Role) -> str:
        """The candidate in one of its roles."""
        from kernelgepa.redteam.rewrite import rewritten  # noqa: PLC0415

        if role == "rewritten":
            return rewritten(self.hostile, self.code)
        return self.hostile if role == "hostile" else self.honest

    @property
    def code(self) -> str:
        """The text of its problem, with the case's own numbers."""
        text = (_folder() / "problems" / f"{self.problem}.py").read_text("utf-8")
        for name, value in self.scalars.items():
            text = re.sub(rf"(?m)^{name} = \d+$", f"{name} = {value}", text)
        return text


def missing(case: RedCase) -> str:
    """Why a case cannot run on this machine; empty where it can."""
    here: Mapping[str, tuple[Callable[[], object], str]] = {
        "cuda": (lambda: list(Path("/dev").glob("nvidia[0-9]*")), "no CUDA device"),
        "c++": (lambda: shutil.which("g++"), "no g++"),
        "pip": (lambda: find_spec("pip"), "no pip beside this Python"),
        "triton": (lambda: find_spec("triton"), "Triton is not installed"),
    }
    return ", ".join(here[n][1] for n in case.needs if not here[n][0]())


def load() -> tuple[RedCase, ...]:
    """All cases, by name. Raises InfrastructureError where one is not as it must be."""
    root = _folder() / "cases"
    found = tuple(_read(file, root) for file in sorted(root.glob("*/*.toml")))
    if not found:
        raise InfrastructureError(f"{root} holds no case")
    return found


def of_class(cases: tuple[RedCase, ...], kind: str) -> tuple[RedCase, ...]:
    """Those of a class, or the one of that name. Raises InputError with the classes there are."""
    found = tuple(c for c in cases if kind in (c.kind, c.name))
    if not found:
        known = ", ".join(sorted({c.kind for c in cases}))
        raise InputError(f"no hostile candidate is of class {kind!r}; there are: {known}")
    return found


def _folder() -> Path:
    return content("sandbox") / "redteam"


def _read(file: Path, root: Path) -> RedCase:
    name = file.relative_to(root).with_suffix("").as_posix()
    try:
        said = tomllib.loads(file.read_text("utf-8"))
        reasons, needs = frozenset(said.pop("reasons")), tuple(said.pop("needs", ()))
        return RedCase(name, said.pop("class"), reasons=reasons, needs=needs, **said)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InfrastructureError(f"{file} is no case of the red team: {error}") from None
