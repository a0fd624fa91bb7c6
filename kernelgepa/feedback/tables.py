"""Rules of the content folder `feedback`, read strictly."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from kernelgepa.content import content
from kernelgepa.errors import InfrastructureError
from kernelgepa.verdict import Diagnostic


@dataclass(frozen=True)
class Rule:
    """What a diagnostic, or a pattern of wrong elements, usually means."""

    match: re.Pattern[str]
    hint: str
    sections: tuple[str, ...] = ()


@cache
def table(name: str) -> Mapping[str, Any]:
    """A file of rules. Raises InfrastructureError where it is missing or damaged."""
    path = content("feedback") / f"{name}.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InfrastructureError(f"{path.name} cannot be used: {error}") from error


@cache
def rules(name: str = "diagnostics") -> tuple[Rule, ...]:
    """Rules of diagnostics.toml or patterns.toml. Raises InfrastructureError for a damaged one."""
    try:
        return tuple(
            Rule(re.compile(r["match"]), r["hint"], tuple(r.get("sections", ())))
            for r in table(name)["rule"]
        )
    except (KeyError, re.error) as error:
        raise InfrastructureError(f"{name}.toml cannot be used: {error}") from error


def hints(note: Diagnostic) -> list[str]:
    """What to do about a diagnostic, by the rules that match it."""
    found = []
    for rule in rules():
        match = rule.match.search(note.message)
        if match:
            found.append(rule.hint.format(**match.groupdict()))
    return found


def pattern(said: str) -> Rule | None:
    """What a pattern of wrong elements usually comes from."""
    return next((rule for rule in rules("patterns") if rule.match.search(said)), None)
