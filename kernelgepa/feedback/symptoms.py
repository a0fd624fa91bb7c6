"""What limits a correct kernel, in words: conditions on its profile, from symptoms-*.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernelgepa.errors import InfrastructureError
from kernelgepa.feedback.tables import entries
from kernelgepa.verdict import LoopProfile, Profile

SHOWN_LOOPS = 8


@dataclass(frozen=True)
class Symptom:
    """One sentence, and the sections of the handbook that are about it."""

    text: str
    sections: tuple[str, ...]


def symptoms(profile: Profile, target: str) -> list[Symptom]:
    """What limits a kernel, most expensive loop first."""
    said = [
        Symptom(entry["text"], tuple(entry["sections"]))
        for entry in entries("symptoms", target, "profile")
        if entry["when"].get("vector", True) == (profile.vector_cycles > 0)
    ]
    loops = entries("symptoms", target, "loop")
    for loop in costly(profile):
        for entry in loops:
            if all(_holds(loop, key, want) for key, want in entry["when"].items()):
                text = entry["text"].format(**_fields(loop))
                said.append(Symptom(text, tuple(entry["sections"])))
    return said


def timed(signs: Mapping[str, bool], target: str) -> list[Symptom]:
    """What times show: entries whose conditions are all among the signs (see `measured.signs`)."""
    said = []
    for entry in entries("symptoms", target, "timing"):
        unknown = [key for key in entry["when"] if signs and key not in signs]
        if unknown:
            raise InfrastructureError(f"symptoms: unknown condition {unknown[0]!r}")
        if signs and all(signs[key] == want for key, want in entry["when"].items()):
            said.append(Symptom(entry["text"], tuple(entry["sections"])))
    return said


def costly(profile: Profile) -> list[LoopProfile]:
    """Loops that take at least a twentieth of the cycles, most expensive first."""
    kept = [loop for loop in profile.loops if loop.cycles * 20 >= profile.cycles]
    return sorted(kept, key=lambda loop: -loop.cycles)[:SHOWN_LOOPS]


def bottleneck(profile: Profile) -> str:
    """One sentence: where the cycles go, and how far that is from what the ports allow."""
    least = max(profile.port_limit_cycles, 1)
    far = f"{profile.cycles / least:.1f} times the {least} cycles that its loads and stores need"
    loops = costly(profile)
    if not loops:
        return f"No loop dominates; {profile.cycles} cycles are {far}."
    loop = loops[0]
    share = f"{100 * loop.cycles / max(profile.cycles, 1):.0f} %"
    place = f"line {loop.line}" if loop.line else "an unnamed line"
    return (
        f"{share} of the {profile.cycles} cycles are spent in the loop of {place}, "
        f"{_why(loop)}; the whole is {far}."
    )


def _why(loop: LoopProfile) -> str:
    slot, need = _slot(loop)
    if loop.library_calls:
        return "which calls the library in each trip"
    if loop.ii is None:
        return "which is not software-pipelined"
    if _bound(loop) == "recurrence":
        return f"bound by a chain from trip to trip ({loop.recurrence_bound} cycles)"
    if slot:
        return f"bound by slot {slot} ({need} times a trip)"
    return f"with a trip every {loop.ii} cycles"


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
        "lookups": any("vgather" in step for step in loop.recurrence_chain),
    }
    if key not in found:
        raise InfrastructureError(f"symptoms: unknown condition {key!r}")
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
        "chain": " -> ".join(loop.recurrence_chain[:4]),
        "calls": ", ".join(f"{name} x{n}" for name, n in loop.library_calls.items()),
        "stores": loop.subword_stores,
        "spills": loop.spills,
        "reason": loop.reason or "the open compiler pipelines innermost single-block loops only",
        "share": loop.cycles,
    }
