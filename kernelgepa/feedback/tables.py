"""Rules of the content folder `feedback`, read strictly. Each file says which targets it is for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from kernelgepa.content import content
from kernelgepa.errors import InfrastructureError
from kernelgepa.verdict import Diagnostic

Kind = Literal["diagnostics", "patterns", "symptoms"]
HINTS = 3  # shown of one diagnostic


@dataclass(frozen=True)
class Rule:
    """What a diagnostic, or a pattern of wrong elements, usually means.

    `code` is the class that a judge of ours gives it; where it is empty, only the text decides.
    `source` must be found in the offending line, too. `vague`: any other that matches says more.
    """

    match: re.Pattern[str]
    hint: str
    sections: tuple[str, ...] = ()
    code: str = ""
    source: re.Pattern[str] | None = None
    vague: bool = False


@cache
def tables(kind: Kind, target: str) -> tuple[Mapping[str, Any], ...]:
    """Files of rules for a target. Raises InfrastructureError where one is damaged."""
    found = []
    for path in sorted(content("feedback").glob(f"{kind}-*.toml")):
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            if target in data["targets"]:
                found.append(data)
        except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
            raise InfrastructureError(f"{path.name} cannot be used: {error}") from error
    return tuple(found)


def entries(kind: Kind, target: str, name: str) -> list[Mapping[str, Any]]:
    """All `[[name]]` of a target's files."""
    return [entry for data in tables(kind, target) for entry in data.get(name, ())]


@cache
def rules(kind: Kind, target: str) -> tuple[Rule, ...]:
    """Rules on diagnostics or patterns. Raises InfrastructureError for a damaged one."""
    try:
        return tuple(
            Rule(
                re.compile(r.get("match", "")), r["hint"], tuple(r.get("sections", ())),
                r.get("code", ""), re.compile(r["source"]) if "source" in r else None,
                r.get("vague", False),
            )
            for r in entries(kind, target, "rule")
        )  # fmt: skip
    except (KeyError, re.error) as error:
        raise InfrastructureError(f"{kind} of {target} cannot be used: {error}") from error


def matching(note: Diagnostic, target: str) -> list[tuple[Rule, Mapping[str, str]]]:
    """Rules of a target that a diagnostic answers to, with what their named groups caught.

    Rules on a class of ours come before those on the offending line, these before those on texts
    alone; vague ones are left out where there is another.
    """
    found = list[tuple[Rule, Mapping[str, str]]]()
    for rule in rules("diagnostics", target):
        said = rule.match.search(note.message)
        line = rule.source.search(note.source) if rule.source else None
        if said and rule.code in ("", note.code) and (line or not rule.source):
            caught = {**said.groupdict(), **(line.groupdict() if line else {})}
            found.append((rule, {name: text or "" for name, text in caught.items()}))
    found.sort(key=lambda pair: (not pair[0].code, not pair[0].source))
    return [pair for pair in found if not pair[0].vague] or found


def hints(note: Diagnostic, target: str) -> list[str]:
    """What to do about a diagnostic, by the rules that match it."""
    found = (rule.hint.format(**caught) for rule, caught in matching(note, target))
    return list(dict.fromkeys(found))[:HINTS]


def pattern(said: str, target: str) -> Rule | None:
    """What a pattern of wrong elements usually comes from."""
    return next((r for r in rules("patterns", target) if r.match.search(said)), None)
