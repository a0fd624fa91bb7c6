"""mu_f for kernels: a verdict as text. The words are in the content folder `feedback`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from kernelgepa.content import content
from kernelgepa.engine.score import speedups
from kernelgepa.errors import InfrastructureError
from kernelgepa.llm.templates import Templates
from kernelgepa.verdict import Diagnostic, LoopProfile, Profile

if TYPE_CHECKING:
    from kernelgepa.protocols import Attempt
    from kernelgepa.task import Task

SHOWN_LOOPS = 12


@dataclass(frozen=True)
class Rule:
    """What a diagnostic usually means."""

    match: re.Pattern[str]
    hint: str


@cache
def rules() -> tuple[Rule, ...]:
    """Rules of diagnostics.toml. Raises InfrastructureError where the file is damaged."""
    return tuple(Rule(re.compile(r["match"]), r["hint"]) for r in _toml("diagnostics")["rule"])


@cache
def _toml(name: str) -> Mapping[str, Any]:
    path = content("feedback") / f"{name}.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InfrastructureError(f"{path.name} cannot be used: {error}") from error


def hints(note: Diagnostic) -> list[str]:
    """What to do about a diagnostic, by the rules that match it."""
    found = []
    for rule in rules():
        match = rule.match.search(note.message)
        if match:
            found.append(rule.hint.format(**match.groupdict()))
    return found


def symptoms(profile: Profile) -> list[str]:
    """What limits a kernel, most expensive loop first."""
    table = _toml("symptoms")
    said = [
        entry["text"]
        for entry in table["profile"]
        if entry["when"].get("vector", True) == (profile.vector_cycles > 0)
    ]
    for loop in costly(profile):
        for entry in table["loop"]:
            if all(_holds(loop, key, want) for key, want in entry["when"].items()):
                said.append(entry["text"].format(**_fields(loop)))
    return said


def costly(profile: Profile) -> list[LoopProfile]:
    """Loops that take at least a twentieth of the cycles, most expensive first."""
    kept = [loop for loop in profile.loops if loop.cycles * 20 >= profile.cycles]
    return sorted(kept, key=lambda loop: -loop.cycles)[:SHOWN_LOOPS]


def _bound(loop: LoopProfile) -> str:
    if loop.ii is None or loop.ii <= 1:
        return ""
    need = max(loop.resource_bound.values(), default=0)
    return "recurrence" if loop.recurrence_bound > need else "resource"


def _holds(loop: LoopProfile, key: str, want: Any) -> bool:
    if key == "chain":
        return any(str(want) in step for step in loop.recurrence_chain)
    found: Mapping[str, bool | str] = {
        "pipelined": loop.ii is not None,
        "library": bool(loop.library_calls),
        "subword": bool(loop.subword_stores),
        "spills": bool(loop.spills),
        "hardware": loop.hardware_loop,
        "bound": _bound(loop),
        "slot": _slot(loop)[0],
    }
    if key not in found:
        raise InfrastructureError(f"symptoms.toml: unknown condition {key!r}")
    return bool(found[key] == want)


def _slot(loop: LoopProfile) -> tuple[str, int]:
    if not loop.resource_bound:
        return "", 0
    return max(loop.resource_bound.items(), key=lambda item: item[1])


def _fields(loop: LoopProfile) -> dict[str, Any]:
    slot, need = _slot(loop)
    return {
        "line": loop.line or "?",
        "ii": loop.ii,
        "stages": loop.stages,
        "slot": slot,
        "need": need,
        "recurrence": loop.recurrence_bound,
        "chain": " -> ".join(loop.recurrence_chain),
        "calls": ", ".join(f"{name} x{n}" for name, n in loop.library_calls.items()),
        "stores": loop.subword_stores,
        "spills": loop.spills,
        "reason": loop.reason or "the open compiler pipelines innermost single-block loops only",
        "share": loop.cycles,
    }


class KernelFeedback:
    """Renders `kernel.md.j2`; one in the folder of the user's templates wins."""

    def __init__(self, templates: str = "") -> None:
        self._templates = Templates(templates)

    def text(self, task: Task, attempt: Attempt, history: Sequence[Attempt]) -> str:
        """Diagnostics, mismatches, cost and what limits it, in Markdown."""
        verdict = attempt.verdict
        gains = speedups(history[0].verdict, verdict) if history else {}
        costs = [
            {
                "workload": w.workload,
                "cycles": round(w.cost.value),
                "gain": gains.get(w.workload),
                "profile": w.profile,
            }
            for w in verdict.workloads
            if w.cost is not None and w.profile is not None
        ]
        widest = max(
            (w.profile for w in verdict.workloads if w.profile),
            key=lambda p: p.cycles,
            default=None,
        )
        values = {
            "task": task,
            "verdict": verdict,
            "notes": verdict.diagnostics,
            "hints": [hints(d) for d in verdict.diagnostics],
            "costs": costs,
            "loops": costly(widest) if widest else [],
            "total": widest.cycles if widest else 1,
            "symptoms": symptoms(widest) if widest else [],
        }
        return self._templates.render("kernel.md.j2", values)
