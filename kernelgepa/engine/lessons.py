"""Memory of failures: how each looks, what was tried, what helped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from kernelgepa.protocols import Lesson
from kernelgepa.verdict import Verdict

SHOWN = 8
KEPT_NOTES = 4
_NUMBER = re.compile(r"\b\d[\d,.]*\b")


def signature(verdict: Verdict) -> tuple[str, str]:
    """(stage and message without names of values and numbers, message as it came)."""
    worst = min(verdict.workloads, key=lambda w: w.stage, default=None)
    notes = [d.message for d in verdict.diagnostics if d.severity == "error"]
    if worst is not None and not notes:
        notes = [d.message for d in worst.diagnostics]
        notes += [f"{m.output}: {m.pattern or 'wrong values'}" for m in worst.mismatches]
    message = notes[0] if notes else "no message"
    plain = _NUMBER.sub("#", message)
    return f"{verdict.stage.name.lower()}: {plain}", message


def of_proposal(failure: str, note: str) -> tuple[str, str]:
    """Signature of a proposal that gave no candidate."""
    return f"proposal: {failure or 'none'}", note or failure


@dataclass
class Memory:
    """Failures of a run, oldest first; what one task learns, the others are shown too."""

    lessons: dict[str, Lesson] = field(default_factory=dict)
    _open: dict[str, list[str]] = field(default_factory=dict)  # parent -> signatures not fixed

    def failed(self, parent: str, found: tuple[str, str], tried: str) -> None:
        """A child of `parent` failed in this way."""
        name, example = found
        known = self.lessons.pop(name, Lesson(name, example, ()))
        notes = (*known.tried, tried)[-KEPT_NOTES:] if tried else known.tried
        self.lessons[name] = replace(known, tried=notes)
        if not known.fixed:
            self._open.setdefault(parent, []).append(name)

    def succeeded(self, parent: str, note: str) -> None:
        """A child of `parent` was accepted: what had failed there before is answered."""
        for name in self._open.pop(parent, []):
            if not self.lessons[name].fixed:
                self.lessons[name] = replace(self.lessons[name], fixed=note)

    def shown(self) -> tuple[Lesson, ...]:
        """The latest failures, newest last."""
        return tuple(self.lessons.values())[-SHOWN:]
