"""mu_f for kernels: a verdict as text. The words are in the content folder `feedback`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kernelgepa.candidate import KERNEL
from kernelgepa.engine.score import speedups
from kernelgepa.feedback import hotspots, inline, manual, measured, raw
from kernelgepa.feedback.symptoms import bottleneck, costly, symptoms
from kernelgepa.feedback.tables import hints
from kernelgepa.feedback.wrong import causes
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
ERRORS = 3  # shown of one diagnostic
SAID = 1200
LINE = 600
SOURCE = 200
NAMES = 4
_RAISED = "error", "trap"  # what stops a run; of the simulated tile
_NUMBER = re.compile(r"\d+")
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
        lines = attempt.candidate.components.get(KERNEL, "").split("\n")
        verdict = _with_sources(attempt.verdict, lines)
        told = causes(task, verdict)
        costs = _costs(verdict, history[0].verdict if history else None)
        text = ""
        for shown in (SHOWN, {**SHOWN, **LEAST}):
            values = {
                "task": task,
                "verdict": verdict,
                **_values(verdict, shown, task.target),
                "right": _right(verdict),
                "means": [rule.hint for rule in told][: shown["means"]],
            }
            values |= {"costs": costs[: shown["costs"]]}
            text = self._templates.render("kernel.md.j2", values).strip()
            if len(text) <= CHARACTERS * 2 // 3:
                break
        if len(text) > CHARACTERS:
            text = text[: CHARACTERS - 20] + "\n(cut)"
        found = manual.chosen(verdict, _widest(verdict), task.target, measured.signs(verdict), told)
        sections, cited = manual.within(found, CHARACTERS - len(text) - len(SECTION))
        return Told(f"{text}{SECTION}{sections}" if sections else text, cited)

    def text(self, task: Task, attempt: Attempt, history: Sequence[Attempt]) -> str:
        """Only the text of `tell`."""
        return self.tell(task, attempt, history).text


def _values(verdict: Verdict, shown: Mapping[str, int], target: str) -> dict[str, Any]:
    figures = not _failed(verdict)
    every = list({(d.line, d.message): d for d in verdict.diagnostics}.values())
    notes = every[: shown["notes"]]
    wrong = [w for w in verdict.workloads if w.mismatches]
    widest = _widest(verdict)
    said = symptoms(widest, target) if widest else measured.symptoms(verdict, target)
    return {
        "notes": _hinted_once([_note(d, target) for d in notes]),
        "more": len(every) - len(notes),
        "traps": _hinted_once(_traps(verdict, target)[: shown["traps"]]),
        "wrong": [_wrong(w, shown) for w in wrong[: shown["workloads"]]],
        "also_wrong": [w.workload for w in wrong[shown["workloads"] :]][: shown["costs"]],
        "outcome": measured.outcome(verdict),
        "times": measured.times(verdict)[: shown["costs"]] if figures else [],
        "counters": measured.counters(verdict)[: shown["counters"]] if figures else [],
        "labels": measured.labels(verdict),
        "spent": hotspots.spent(verdict, shown["hotspots"]) if figures else None,
        "loops": costly(widest) if widest else [],
        "total": widest.cycles if widest else 1,
        "bottleneck": bottleneck(widest) if widest else "",
        "symptoms": list(dict.fromkeys(s.text[:LINE] for s in said))[: shown["symptoms"]],
    }


def _with_sources(verdict: Verdict, lines: Sequence[str]) -> Verdict:
    """Every diagnostic with the line it is about."""
    text = "\n".join(lines)

    def sourced(found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
        return tuple(
            replace(d, source=lines[d.line - 1].strip()[:SOURCE])
            if not d.source and d.line is not None and d.line <= len(lines) and d.code != "launch"
            else d
            for d in (_located(given, text) for given in found)
        )

    workloads = (replace(w, diagnostics=sourced(w.diagnostics)) for w in verdict.workloads)
    return replace(verdict, diagnostics=sourced(verdict.diagnostics), workloads=tuple(workloads))


def _located(note: Diagnostic, text: str) -> Diagnostic:
    """Where a compiler refuses C++ or CUDA that the candidate holds, at that very line."""
    line = inline.line_of(note.message, text, note.source) if measured.refused(note) else None
    return note if line is None else replace(note, line=line, column=None, source="")


def _note(found: Diagnostic, target: str) -> dict[str, Any]:
    """A diagnostic with the line it is about, and what to do; of a tool's output its errors."""
    errors = raw.told(found, target)[:ERRORS]
    head = errors[0].message.partition("\n")[0] + "\n"
    rest = [e.message.removeprefix(head) for e in errors[1:]]
    message = "\n".join([errors[0].message, *(r for r in rest if r)])
    return {
        "severity": found.severity,
        "line": found.line,
        "message": "\n  ".join(line for line in message.split("\n") if line.strip())[:SAID],
        "source": found.source or errors[0].source[:SOURCE],
        "hints": hints(found, target),
        "where": "",
    }


def _hinted_once(notes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same without hints that a note before gives already."""
    given = set[str]()
    for note in notes:
        note["hints"] = [h for h in note["hints"] if h not in given]
        given.update(note["hints"])
    return notes


def _traps(verdict: Verdict, target: str) -> list[dict[str, Any]]:
    """Each once, with the workloads it was met in; those that differ in numbers only are one."""
    met: dict[tuple[object, ...], tuple[Diagnostic, list[str], list[str]]] = {}
    for workload in verdict.workloads:
        for note in workload.diagnostics:
            key = (note.line, note.code, _NUMBER.sub("0", note.message))
            first, same, alike = met.setdefault(key, (note, [], []))
            (same if note.message == first.message else alike).append(workload.workload)
    return [
        {
            **_note(note, target),
            "word": "does not compile" if measured.refused(note) else _RAISED[target == "npu-sim"],
            "where": _several(same) + (f"; alike: {_several(alike)}" if alike else ""),
        }
        for note, same, alike in met.values()
    ]


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


def _failed(verdict: Verdict) -> bool:
    """Whether something must be put right before speed matters."""
    return any(w.mismatches or w.diagnostics for w in verdict.workloads if not w.correct)


def _right(verdict: Verdict) -> str:
    """Workloads that are right, where others have wrong values."""
    wrong = any(w.mismatches for w in verdict.workloads)
    return _several([w.workload for w in verdict.workloads if w.correct and wrong])


def _widest(verdict: Verdict) -> Profile | None:
    """The profile of a correct kernel's costliest workload."""
    profiles = (w.profile for w in verdict.workloads if w.profile and verdict.correct)
    return max(profiles, key=lambda p: p.cycles, default=None)
