"""mu_f for kernels: a verdict as text. The words are in the content folder `feedback`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kernelgepa.engine.score import speedups
from kernelgepa.feedback import manual
from kernelgepa.feedback.symptoms import bottleneck, costly, symptoms
from kernelgepa.feedback.tables import hints, pattern
from kernelgepa.llm.templates import Templates
from kernelgepa.protocols import Told

if TYPE_CHECKING:
    from kernelgepa.protocols import Attempt
    from kernelgepa.task import Task
    from kernelgepa.verdict import Mismatch, Profile, Verdict, WorkloadVerdict

# A token is about four characters. What a prompt holds of a partner's feedback is as much.
TOKENS = 1500
CHARACTERS = 4 * TOKENS
SECTION = "\n\n## From the handbook\n\n"
SHOWN = {"notes": 5, "workloads": 3, "traps": 2, "mismatches": 2, "worst": 3, "costs": 6}
SHOWN |= {"symptoms": 6}
LINE = 600
LEAST = {"notes": 1, "workloads": 1, "traps": 1, "mismatches": 1, "worst": 1, "costs": 1}


class KernelFeedback:
    """Renders `kernel.md.j2`; one in the folder of the user's templates wins."""

    def __init__(self, templates: str = "") -> None:
        self._templates = Templates(templates)

    def tell(self, task: Task, attempt: Attempt, history: Sequence[Attempt]) -> Told:
        """Diagnostics, mismatches, cost and what limits it, in Markdown; sections of the handbook.

        Stays within TOKENS, unless a user's own template does not. What does not fit is left out
        from the end: sections first.
        """
        verdict = attempt.verdict
        widest = _widest(verdict)
        gains = speedups(history[0].verdict, verdict) if history else {}
        text = self._fitting(task, verdict, widest, gains)
        found = manual.chosen(verdict, widest, task.target)
        shown, cited = manual.within(found, CHARACTERS - len(text) - len(SECTION))
        return Told(f"{text}{SECTION}{shown}" if shown else text, cited)

    def text(self, task: Task, attempt: Attempt, history: Sequence[Attempt]) -> str:
        """Only the text of `tell`."""
        return self.tell(task, attempt, history).text

    def _fitting(
        self, task: Task, verdict: Verdict, widest: Profile | None, gains: Mapping[str, float]
    ) -> str:
        """With fewer of everything where it is too long."""
        text = ""
        for shown in (SHOWN, {**SHOWN, **LEAST}):
            values = _values(task, verdict, widest, gains, shown)
            text = self._templates.render("kernel.md.j2", values).strip()
            if len(text) <= CHARACTERS * 2 // 3:
                break
        return text if len(text) <= CHARACTERS else text[: CHARACTERS - 20] + "\n(cut)\n"


def _values(
    task: Task,
    verdict: Verdict,
    widest: Profile | None,
    gains: Mapping[str, float],
    shown: Mapping[str, int],
) -> dict[str, Any]:
    notes = verdict.diagnostics[: shown["notes"]]
    wrong = [w for w in verdict.workloads if w.mismatches or w.diagnostics]
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
    said = symptoms(widest) if widest else []
    return {
        "task": task,
        "verdict": verdict,
        "notes": notes,
        "hints": [hints(d) for d in notes],
        "more": max(0, len(verdict.diagnostics) - len(notes)),
        "wrong": [_wrong(w, shown) for w in wrong[: shown["workloads"]]],
        "also_wrong": [w.workload for w in wrong[shown["workloads"] :]][: SHOWN["costs"]],
        "costs": costs[: shown["costs"]],
        "loops": costly(widest) if widest else [],
        "total": widest.cycles if widest else 1,
        "bottleneck": bottleneck(widest) if widest else "",
        "symptoms": list(dict.fromkeys(s.text[:LINE] for s in said))[: shown["symptoms"]],
    }


def _wrong(found: WorkloadVerdict, shown: Mapping[str, int]) -> dict[str, Any]:
    """A workload whose elements differ, or that trapped."""
    return {
        "workload": found.workload,
        "share": found.share,
        "traps": found.diagnostics[: shown["traps"]],
        "mismatches": [
            _mismatch(m, shown["worst"]) for m in found.mismatches[: shown["mismatches"]]
        ],
        "more": max(0, len(found.mismatches) - shown["mismatches"]),
    }


def _mismatch(found: Mismatch, worst: int) -> dict[str, Any]:
    rule = pattern(found.pattern)
    return {
        "output": found.output,
        "matching": found.matching,
        "total": found.total,
        "first": found.first,
        "pattern": found.pattern or "no simple pattern",
        "means": rule.hint if rule else "",
        "absolute": found.max_abs_error,
        "relative": found.max_rel_error,
        "worst": found.worst[:worst],
    }


def _widest(verdict: Verdict) -> Profile | None:
    """The profile of the costliest workload."""
    profiles = (w.profile for w in verdict.workloads if w.profile)
    return max(profiles, key=lambda p: p.cycles, default=None)
