"""mu_f for kernels: a verdict as text. The words are in the content folder `feedback`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kernelgepa.candidate import KERNEL
from kernelgepa.engine.score import speedups
from kernelgepa.feedback import hotspots, manual, measured
from kernelgepa.feedback.symptoms import bottleneck, costly, symptoms
from kernelgepa.feedback.tables import hints, pattern
from kernelgepa.llm.templates import Templates
from kernelgepa.protocols import Told

if TYPE_CHECKING:
    from kernelgepa.protocols import Attempt
    from kernelgepa.task import Task
    from kernelgepa.verdict import Diagnostic, Profile, Verdict, WorkloadVerdict

# A token is about four characters. What a prompt holds of a partner's feedback is as much.
TOKENS = 1500
CHARACTERS = 4 * TOKENS
SECTION = "\n\n## From the handbook\n\n"
SHOWN = {"notes": 5, "workloads": 3, "traps": 3, "mismatches": 2, "worst": 3, "costs": 6}
SHOWN |= {"symptoms": 6, "means": 3, "counters": 12, "hotspots": 8}
LINE = 600
SOURCE = 200
NAMES = 4
LEAST = {
    "counters": 4,
    "hotspots": 2,
    "notes": 1,
    "workloads": 1,
    "traps": 1,
    "mismatches": 1,
    "worst": 1,
    "costs": 1,
}


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
        lines = attempt.candidate.components.get(KERNEL, "").split("\n")
        costs = _costs(verdict, history[0].verdict if history else None)
        text = ""
        for shown in (SHOWN, {**SHOWN, **LEAST}):
            values = {
                "task": task,
                "verdict": verdict,
                **_values(verdict, lines, shown, task.target),
            }
            values |= {"costs": costs[: shown["costs"]]}
            text = self._templates.render("kernel.md.j2", values).strip()
            if len(text) <= CHARACTERS * 2 // 3:
                break
        if len(text) > CHARACTERS:
            text = text[: CHARACTERS - 20] + "\n(cut)"
        found = manual.chosen(verdict, _widest(verdict), task.target, measured.signs(verdict))
        sections, cited = manual.within(found, CHARACTERS - len(text) - len(SECTION))
        return Told(f"{text}{SECTION}{sections}" if sections else text, cited)

    def text(self, task: Task, attempt: Attempt, history: Sequence[Attempt]) -> str:
        """Only the text of `tell`."""
        return self.tell(task, attempt, history).text


def _values(
    verdict: Verdict, lines: Sequence[str], shown: Mapping[str, int], target: str
) -> dict[str, Any]:
    notes = verdict.diagnostics[: shown["notes"]]
    wrong = [w for w in verdict.workloads if w.mismatches]
    widest = _widest(verdict)
    said = symptoms(widest, target) if widest else measured.symptoms(verdict, target)
    return {
        "notes": [_note(d, lines, target) for d in notes],
        "more": max(0, len(verdict.diagnostics) - len(notes)),
        "traps": _traps(verdict, lines, target)[: shown["traps"]],
        "wrong": [_wrong(w, shown) for w in wrong[: shown["workloads"]]],
        "also_wrong": [w.workload for w in wrong[shown["workloads"] :]][: shown["costs"]],
        "means": _means(wrong, target)[: shown["means"]],
        "outcome": measured.outcome(verdict),
        "times": measured.times(verdict)[: shown["costs"]],
        "counters": measured.counters(verdict)[: shown["counters"]],
        "labels": measured.labels(verdict),
        "spent": hotspots.spent(verdict, shown["hotspots"]),
        "loops": costly(widest) if widest else [],
        "total": widest.cycles if widest else 1,
        "bottleneck": bottleneck(widest) if widest else "",
        "symptoms": list(dict.fromkeys(s.text[:LINE] for s in said))[: shown["symptoms"]],
    }


def _note(found: Diagnostic, lines: Sequence[str], target: str) -> dict[str, Any]:
    """A diagnostic with the line it is about, and what to do."""
    source = found.source
    other = found.code == "launch"  # its lines are those of another component
    if not source and found.line is not None and found.line <= len(lines) and not other:
        source = lines[found.line - 1].strip()[:SOURCE]
    return {
        "severity": found.severity,
        "line": found.line,
        "message": found.message,
        "source": source,
        "hints": hints(found, target),
        "where": "",
    }


def _traps(verdict: Verdict, lines: Sequence[str], target: str) -> list[dict[str, Any]]:
    """Each once, with the workloads it was met in."""
    met: dict[Diagnostic, list[str]] = {}
    for workload in verdict.workloads:
        for note in workload.diagnostics:
            met.setdefault(note, []).append(workload.workload)
    return [{**_note(d, lines, target), "where": _several(names)} for d, names in met.items()]


def _several(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMES]) + (f" and {len(names) - NAMES} more" * (len(names) > NAMES))


def _costs(verdict: Verdict, seed: Verdict | None) -> list[dict[str, Any]]:
    """Of a correct kernel; workloads with the same figures together."""
    gains = speedups(seed, verdict) if seed else {}
    groups: dict[tuple[Any, ...], dict[str, Any]] = {}
    for w in verdict.workloads if verdict.correct else ():
        if w.cost is None or w.profile is None:
            continue
        p, gain = w.profile, gains.get(w.workload)
        figures = (w.cost.value, gain, p.utilisation, p.mac_efficiency, p.port_limit_cycles)
        row = {"workload": [], "cycles": round(w.cost.value), "gain": gain, "profile": p}
        groups.setdefault(figures, row)["workload"].append(w.workload)
    return [{**row, "workload": _several(row["workload"])} for row in groups.values()]


def _wrong(found: WorkloadVerdict, shown: Mapping[str, int]) -> dict[str, Any]:
    """A workload whose elements differ."""
    kept = found.mismatches[: shown["mismatches"]]
    return {
        "workload": found.workload,
        "share": found.share,
        "mismatches": [
            {
                "of": m,
                "pattern": m.pattern or "no simple pattern",
                "worst": m.worst[: shown["worst"]],
            }
            for m in kept
        ],
        "more": len(found.mismatches) - len(kept),
    }


def _means(wrong: Sequence[WorkloadVerdict], target: str) -> list[str]:
    """What the patterns usually come from, the most frequent first, each once."""
    rules = (pattern(m.pattern, target) for w in wrong for m in w.mismatches)
    counts = Counter(rule.hint for rule in rules if rule)
    return [hint for hint, _ in counts.most_common()]


def _widest(verdict: Verdict) -> Profile | None:
    """The profile of a correct kernel's costliest workload."""
    profiles = (w.profile for w in verdict.workloads if w.profile and verdict.correct)
    return max(profiles, key=lambda p: p.cycles, default=None)
