"""What the page shows of one task, as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kernelgepa.engine.score import costs, geometric_mean
from kernelgepa.report.cited import cited
from kernelgepa.report.diff import changes
from kernelgepa.report.plain import visible
from kernelgepa.runs.view import Entry, Folded, RunView, TaskView
from kernelgepa.serial import to_plain
from kernelgepa.verdict import Verdict


@dataclass(frozen=True)
class Scale:
    """What speedups of a task are against. `first`: the seed is not correct, so that it is the
    first correct kernel of each workload."""

    costs: Mapping[str, float]
    first: bool
    unit: str
    tag: str

    def speed(self, verdict: Verdict, whole: bool) -> float | None:
        """Geometric mean over the workloads judged; None where nothing can be said."""
        if whole and not verdict.correct:
            return None
        after = costs(verdict)
        ratios = [self.costs[n] / c for n, c in after.items() if c > 0 and self.costs.get(n, 0) > 0]
        return geometric_mean(ratios) if ratios else None


def scale(task: TaskView) -> Scale:
    """Of the seed, and of what was accepted after it."""
    found: dict[str, float] = {}
    units: dict[tuple[str, str], None] = {}
    for entry in task.entries.values():
        verdict = entry.attempt.verdict
        if not entry.attempt.accepted or (task.whole and not verdict.correct):
            continue
        for name, cost in costs(verdict).items():
            found.setdefault(name, cost)
        units.update({(w.cost.unit, w.cost.tag): None for w in verdict.workloads if w.cost})
    unit = next(iter(units), ("", "unverified"))[0]
    tags = {tag for _, tag in units}
    tag = tags.pop() if len(tags) == 1 else "unverified"
    return Scale(found, not task.seed.attempt.verdict.correct, unit, tag)


@dataclass
class _Texts:
    """Texts that many candidates share, each once."""

    kept: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def place(self, text: str) -> int:
        if text not in self.places:
            self.places[text] = len(self.kept)
            self.kept.append(text)
        return self.places[text]


def task_data(run: RunView, task: TaskView, at: Scale) -> dict[str, Any]:
    """All of a task: steps, frontier, and every candidate with what is known of it."""
    texts = _Texts()
    folded = {f.candidate: f for f in _of(run, task) if f.candidate and f.outcome != "seen"}
    leads = task.archive.leads()
    return {
        "name": task.name,
        "unit": at.unit,
        "tag": at.tag,
        "first": at.first,
        "base": dict(at.costs),
        "workloads": list(task.workloads),
        "whole": task.whole,
        "seed": task.seed.id,
        "best": task.best.id,
        "line": [e.id for e in task.line(task.best)],
        "confirmed": dict(task.confirmed),
        "front": [{"id": name, "leads": list(led)} for name, led in leads.items()],
        "steps": _steps(run, task, at),
        "candidates": {
            e.id: _candidate(task, e, at, folded.get(e.id), texts) for e in task.entries.values()
        },
        "texts": texts.kept,
    }


def _of(run: RunView, task: TaskView) -> Iterable[Folded]:
    return (f for f in run.steps if f.task == task.name)


def _steps(run: RunView, task: TaskView, at: Scale) -> list[dict[str, Any]]:
    """Every step with the best so far after it; the seed is step 0."""
    made = [
        {"step": 0, "id": task.seed.id, "outcome": "seed", "best": speed_of(task, task.seed, at)}
    ]
    best, ranks = task.seed, task.archive.ranks()
    for folded in _of(run, task):
        entry = task.entries.get(folded.candidate)
        better = False
        if entry is not None and folded.outcome == "accepted":
            better = ranks[entry.id] > ranks[best.id]
            best = entry if better else best
        made.append(
            {
                "step": folded.step,
                "id": folded.candidate,
                "outcome": folded.outcome,
                "better": better,
                "best": speed_of(task, best, at),
                "seconds": folded.seconds,
                "failure": folded.failure,
                "origin": folded.origin,
                "note": folded.note,
                "parents": list(folded.decision.parents),
                "answer": _answer(folded),
            }
        )
    return made


def _answer(folded: Folded) -> str:
    """What a model wrote, where no candidate came of it."""
    return folded.proposal.answer if folded.proposal and folded.outcome == "none" else ""


def speed_of(task: TaskView, entry: Entry, at: Scale) -> float | None:
    """A candidate's speedup as the page shows it."""
    return at.speed(entry.attempt.verdict, task.whole)


def _candidate(
    task: TaskView, entry: Entry, at: Scale, folded: Folded | None, texts: _Texts
) -> dict[str, Any]:
    candidate, verdict = entry.attempt.candidate, entry.attempt.verdict
    parents = [task.entries[p] for p in candidate.parents if p in task.entries]
    before = parents[0].attempt.candidate.components if parents else {}
    shown = {name: visible(text) for name, text in candidate.components.items()}
    proposal = entry.proposal
    judged = {w.workload for w in verdict.workloads}
    return {
        "step": entry.step,
        "parents": list(candidate.parents),
        "origin": candidate.origin,
        "note": candidate.note,
        "outcome": folded.outcome if folded else "seed",
        "speed": speed_of(task, entry, at),
        "judged": len(judged.intersection(task.workloads)),
        "kind": folded.decision.kind if folded else "seed",
        "minibatch": list(folded.decision.minibatch) if folded else [],
        "components": {name: texts.place(text) for name, text in shown.items()},
        "diff": {name: changes(visible(before.get(name, "")), text) for name, text in shown.items()}
        if parents
        else {},
        "verdict": _verdict(verdict),
        "citations": [cited(name) for name in proposal.citations] if proposal else [],
        "usage": to_plain(proposal.usage) if proposal and proposal.usage.calls else None,
        "answer": proposal.answer if proposal else "",
        "told": [texts.place(text) for text in folded.told] if folded else [],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    made: dict[str, Any] = to_plain(verdict)
    made["stage"] = int(verdict.stage)
    made["correct"] = verdict.correct
    del made["versions"], made["candidate"], made["task"]  # said once, elsewhere
    return made
