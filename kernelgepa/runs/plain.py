"""Results as plain values and as text."""

from __future__ import annotations

from typing import Any

from kernelgepa.engine.result import Result, TaskResult
from kernelgepa.engine.score import geometric_mean
from kernelgepa.protocols import Attempt
from kernelgepa.report import REPORT
from kernelgepa.runs.settings import Settings
from kernelgepa.serial import to_plain
from kernelgepa.verdict import Quantity, Verdict, WorkloadVerdict


def summary(result: Result, settings: Settings) -> dict[str, Any]:
    """What a run found, as a JSON object."""
    tasks = {name: task_summary(found) for name, found in result.tasks.items()}
    speedups = [t.speedup for t in result.tasks.values() if t.speedup > 0]
    return {
        "directory": str(result.directory),
        "report": str(result.directory / REPORT),
        "start": settings.start,
        "settings": to_plain(settings),
        "stopped": result.stopped,
        "spent": to_plain(result.spend),
        "confirmed": result.confirmed,
        "correct": all(t.best.verdict.correct for t in result.tasks.values()),
        "speedup": to_plain(Quantity(geometric_mean(speedups), "x", _tag(result))),
        "tasks": tasks,
        "unusable": dict(result.unusable),
    }


def _tag(result: Result) -> Any:
    tags = {t for found in result.tasks.values() for t in _tags(found.best)}
    return tags.pop() if len(tags) == 1 else "unverified"


def _tags(attempt: Attempt) -> list[str]:
    return [w.cost.tag for w in attempt.verdict.workloads if w.cost]


def task_summary(found: TaskResult) -> dict[str, Any]:
    """What was found for one task."""
    tag = next(iter(_tags(found.best)), "unverified")
    return {
        "task": found.task.name,
        "origin": found.task.origin,
        "policy": found.seed.verdict.policy,
        "correct": found.best.verdict.correct,
        "confirmed": found.confirmed,
        "withdrawn": list(found.withdrawn),
        "speedup": {"value": found.speedup, "unit": "x", "tag": tag},
        "seed": _costs(found.seed),
        "best": _costs(found.best),
        "front": [_costs(a) for a in found.front],
        "leads": {name: list(led) for name, led in found.leads.items()},
        "evaluations": len(found.attempts),
        "again": _timings(found.again) if found.again else {},
        "versions": to_plain(found.seed.verdict.versions),
    }


def _costs(attempt: Attempt) -> dict[str, Any]:
    return {
        "candidate": attempt.candidate.id,
        "origin": attempt.candidate.origin,
        "note": attempt.candidate.note,
        "correct": attempt.verdict.correct,
        "cost": {w.workload: to_plain(w.cost) for w in attempt.verdict.workloads},
        **_timings(attempt.verdict),
    }


def _timings(verdict: Verdict) -> dict[str, Any]:
    """Of a measured target, by workload; what labels it has."""
    timings = {w.workload: to_plain(w.timing) for w in verdict.workloads if w.timing}
    labels = sorted({label for w in verdict.workloads for label in w.labels})
    return {"timing": timings, "labels": labels} if timings or labels else {}


def verdict_text(attempt: Attempt) -> str:
    """A verdict for people, one line a workload."""
    candidate, verdict = attempt.candidate, attempt.verdict
    lines = [
        f"candidate {candidate.id} of task {verdict.task}: "
        + ("correct" if verdict.correct else f"not correct, {verdict.stage.name.lower()}")
        + (", accepted" if attempt.accepted else ", not accepted"),
        f"made by {candidate.origin} from {' and '.join(candidate.parents) or 'the task'}"
        + (f": {candidate.note}" if candidate.note else ""),
    ]
    for note in verdict.diagnostics:
        place = f"line {note.line}: " if note.line else ""
        lines.append(f"{place}{note.severity}: {note.message}")
    lines += [_line(w) for w in verdict.workloads]
    return "\n".join(lines) + "\n"


def _line(found: WorkloadVerdict) -> str:
    if found.timing is not None:
        t = found.timing
        return (
            f"{found.workload}: {t.speedup:.3f}x [{t.low:.3f}, {t.high:.3f}] of the reference's "
            f"{t.reference_seconds * 1e3:.4g} ms on {t.device} (measured)"
        )
    if found.cost is not None:
        return f"{found.workload}: {found.cost.value:g} {found.cost.unit} ({found.cost.tag})"
    said = [d.message for d in found.diagnostics[:1]]
    said += [f"{m.matching} of {m.total} of {m.output} match" for m in found.mismatches[:1]]
    return f"{found.workload}: {found.stage.name.lower()}" + (f", {said[0]}" if said else "")
