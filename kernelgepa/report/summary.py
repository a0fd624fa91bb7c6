"""What the page says of the whole run, as values for the template. Every number has a tag."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kernelgepa.engine.score import costs, geometric_mean
from kernelgepa.report.plain import visible
from kernelgepa.report.task import Scale, speed_of
from kernelgepa.runs.view import Entry, RunView, TaskView
from kernelgepa.verdict import OF_REFERENCE, Quantity, Stage

OUTCOMES = {
    "seed": "the seed",
    "accepted": "accepted",
    "no gain": "correct, no better than its parent",
    "compare": "wrong values",
    "run": "trapped while running",
    "build": "cannot be placed on the target",
    "compile": "does not compile",
    "refused": "refused before compiling",
    "seen": "seen before",
    "none": "no proposal",
}

TOLERANCES = {
    "strict": "ours, strict",
    "npueval": "NPUEval's own",
    "kernelbench": "KernelBench's own",
}
SAID = {"confirmed": "correct, judged once more on fresh inputs"}


@dataclass(frozen=True)
class Row:
    """A task in the list of tasks."""

    place: int
    name: str
    seed: Quantity | None
    best: Quantity | None
    speed: Quantity | None
    use: Quantity | None  # vector utilisation of the best
    front: Quantity
    candidates: Quantity
    state: str
    good: bool  # correct once more, on fresh inputs
    by: str  # what made the best
    share: float = 0.0  # length of its bar, percent; logarithmic


@dataclass(frozen=True)
class Summary:
    """Everything of the page that needs no script."""

    name: str  # of its directory
    title: str
    headline: tuple[str | Quantity, ...]
    tiles: Sequence[tuple[str, Quantity]]
    rows: Sequence[Row]
    left_out: Mapping[str, str]
    failures: Sequence[tuple[str, str, Quantity]]  # outcome, words, number
    cost: Sequence[tuple[str, Quantity]]
    stopped: str
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    settings: Mapping[str, str]


def counted(value: float, unit: str = "") -> Quantity:
    """A number that was counted, tagged so."""
    return Quantity(value, unit, "counted")


def summary(run: RunView, scales: Mapping[str, Scale]) -> Summary:
    """Of a run, finished or not."""
    rows = _shared([_row(i, t, scales[t.name]) for i, t in enumerate(run.tasks.values())])
    return Summary(
        run.directory.resolve().name,
        rows[0].name if len(rows) == 1 else run.directory.resolve().name,
        _headline(run, rows),
        _tiles(run, rows),
        rows,
        _left_out(run),
        _failures(run),
        _cost(run),
        run.stopped or "not ended; `kernelgepa resume` goes on with it",
        run.start.machine,
        {"kernelgepa": run.start.kernelgepa, **run.start.versions},
        _settings(run),
    )


def _shared(rows: Sequence[Row]) -> list[Row]:
    """With the lengths of their bars."""
    logs = [math.log(max(1.0, r.speed.value)) if r.speed else 0.0 for r in rows]
    most = max(logs, default=0.0) or 1.0
    return [replace(r, share=100 * found / most) for r, found in zip(rows, logs, strict=True)]


def _row(place: int, task: TaskView, at: Scale) -> Row:
    best = task.best
    speed = speed_of(task, best, at)
    profile = next((w.profile for w in best.attempt.verdict.workloads if w.profile), None)
    state, good = _state(task, best)
    shown = best.id != task.seed.id
    return Row(
        place,
        task.name,
        _total(task.seed, at),
        _total(best, at),
        Quantity(speed, "×", _tag(at)) if speed is not None else None,
        Quantity(100 * profile.utilisation, "%", profile.tag) if profile else None,
        counted(len(task.archive.front())),
        counted(len(task.entries) - 1),
        state,
        good,
        (best.attempt.candidate.note or best.attempt.candidate.origin) if shown else "the seed",
    )


def _tag(at: Scale) -> Any:
    return at.tag


def _total(entry: Entry, at: Scale) -> Quantity | None:
    found = costs(entry.attempt.verdict)
    if not found or not entry.attempt.verdict.correct:
        return None
    count = len(found) if at.unit == OF_REFERENCE else 1  # shares have a mean, and no sum
    return Quantity(sum(found.values()) / count, at.unit, _tag(at))


def _state(task: TaskView, best: Entry) -> tuple[str, bool]:
    """Whether the best may be trusted, in words."""
    if not best.attempt.verdict.correct:
        return "not correct", False
    confirmed = task.confirmed.get(best.id)
    if confirmed is None:
        return "not confirmed yet", False
    if not confirmed:
        return "wrong on fresh inputs", False
    return "confirmed", True


def _headline(run: RunView, rows: Sequence[Row]) -> tuple[str | Quantity, ...]:
    """The result in one line."""
    speeds = [r.speed for r in rows if r.speed is not None and r.best is not None]
    if not speeds:
        return (_no_speed(run, rows),)
    firsts = any(not t.seed.attempt.verdict.correct for t in run.tasks.values())
    against = "the first correct kernel" if firsts else "the seed"
    tags = {s.tag for s in speeds}
    mean = geometric_mean([s.value for s in speeds])
    speed = Quantity(mean, "×", tags.pop() if len(tags) == 1 else "unverified")
    unit = next((r.best.unit for r in rows if r.best), "cost")
    less = "as fast as" if unit == OF_REFERENCE else f"fewer {unit} than"
    if len(rows) == 1:
        (task,) = run.tasks.values()
        count = len(task.workloads)
        over = f", geometric mean over {count} workloads" if count > 1 else ""
        return (
            speed,
            f"{less} {against}{over}; {SAID.get(rows[0].state, rows[0].state)}.",
        )
    good = counted(sum(r.good for r in rows))
    return (
        speed, f"{less} {against}, geometric mean over {len(speeds)} tasks;", good,
        f"of {len(run.start.tasks)} tasks correct and confirmed on fresh inputs.",
    )  # fmt: skip


def _no_speed(run: RunView, rows: Sequence[Row]) -> str:
    """Why there is no speedup."""
    bests = [t.best.attempt.verdict for t in run.tasks.values()]
    if any(b.correct for b in bests):
        state = SAID.get(rows[0].state, rows[0].state) if len(rows) == 1 else "some are correct"
        return f"No kernel was timed, so that none is called faster; {state}."
    notes = [n.message for b in bests if b.stage is Stage.BUILD for n in b.diagnostics]
    return (
        f"No correct kernel so far: {visible(notes[0])}." if notes else "No correct kernel so far."
    )


def _tiles(run: RunView, rows: Sequence[Row]) -> list[tuple[str, Quantity]]:
    made: list[tuple[str, Quantity]] = []
    if len(rows) == 1:
        row = rows[0]
        made += [(_cost_of("seed", row.seed), row.seed)] if row.seed else []
        made += [(_cost_of("best", row.best), row.best)] if row.best else []
        made += [("vector utilisation of the best", row.use)] if row.use else []
    else:
        made.append(("tasks", counted(len(rows))))
    spend = run.spend
    made += [
        ("candidates judged", counted(spend.candidates)),
        ("accepted", counted(sum(f.outcome == "accepted" for f in run.steps))),
    ]
    if spend.calls or spend.lost:
        made.append(("dollars", _dollars(run)))
    return [*made, ("time taken", Quantity(run.seconds, "s", "measured"))]


def _cost_of(whose: str, cost: Quantity) -> str:
    if cost.unit == OF_REFERENCE:
        return f"% of the reference's time, the {whose}"
    return f"{cost.unit} of the {whose}"


def _dollars(run: RunView) -> Quantity:
    """Counted tokens at the model's price; not verified where a part of them is not known."""
    spend = run.spend
    guessed = any(f.proposal and f.proposal.usage.estimated for f in run.steps)
    sure = not (guessed or spend.unpriced or spend.lost)
    return Quantity(spend.usd, "$", "counted" if sure else "unverified")


def _left_out(run: RunView) -> dict[str, str]:
    found = dict(run.start.unusable)
    for task in run.start.tasks:
        if task.name not in run.tasks:
            found[task.name] = "its seed has not been judged"
    return found


def _failures(run: RunView) -> list[tuple[str, str, Quantity]]:
    """Steps that gave nothing accepted, by class, most frequent first."""
    found: Counter[tuple[str, str]] = Counter()
    for step in run.steps:
        if step.outcome != "accepted":
            named = step.failure if step.outcome == "none" and step.failure else ""
            found[step.outcome, named or OUTCOMES[step.outcome]] += 1
    return [(kind, words, counted(n)) for (kind, words), n in found.most_common()]


def _cost(run: RunView) -> list[tuple[str, Quantity]]:
    spend = run.spend
    made = [
        ("candidates judged", counted(spend.candidates)),
        ("workloads judged", counted(spend.rollouts)),
    ]
    if spend.calls or spend.lost:
        tag: Any = _dollars(run).tag
        made += [
            ("model calls", counted(spend.calls)),
            ("tokens sent", Quantity(spend.tokens_in, "", tag)),
            ("tokens received", Quantity(spend.tokens_out, "", tag)),
            ("dollars", _dollars(run)),
        ]
    if spend.unpriced:
        made.append(("calls of unknown price", counted(spend.unpriced)))
    if spend.lost:
        made.append(("calls lost", counted(spend.lost)))
        made.append(("dollars reserved for them", Quantity(spend.lost_usd, "$", "unverified")))
    return [*made, ("time taken", Quantity(run.seconds, "s", "measured"))]


def _settings(run: RunView) -> dict[str, str]:
    """How the run was made, without where anything lies on the machine that made it."""
    settings, rules = run.start.settings, run.start.rules
    budget, model = settings.budget, settings.model
    made = {
        "start": settings.begins,
        "proposer": settings.proposer,
        "budget": f"{budget.candidates} candidates",
    }
    if budget.rollouts is not None:
        made["rollouts"] = f"at most {budget.rollouts}"
    if budget.usd is not None:
        made["dollars"] = f"at most ${budget.usd:g}"
    if budget.minutes is not None:
        made["minutes"] = f"at most {budget.minutes:g}"
    made |= {
        "tolerances": TOLERANCES[settings.policy],
        "seed of random choices": str(settings.seed),
        "gate": settings.gate,
        "minibatch": f"{settings.minibatch} workloads",
        "crossover": f"{rules.crossover:g} of the steps",
        "candidates each task gets first": str(rules.minimum),
    }
    if model is not None:
        made["model"] = model.name
        made["server"] = urlsplit(model.api_base).hostname or "the provider's own"
        if model.temperature is not None:
            made["temperature"] = f"{model.temperature:g}"
    if settings.templates:
        made["templates"] = Path(settings.templates).name
    return made


def course(run: RunView, scales: Mapping[str, Scale]) -> list[dict[str, Any]]:
    """The geometric mean of the best so far of all tasks, after every step."""
    best = {t.name: speed_of(t, t.seed, scales[t.name]) for t in run.tasks.values()}
    tops = {t.name: t.seed for t in run.tasks.values()}
    ranks = {t.name: t.archive.ranks() for t in run.tasks.values()}
    made = [{"step": 0, "outcome": "seed", "best": _mean(best.values())}]
    for folded in run.steps:
        task = run.tasks[folded.task]
        entry, rank = task.entries.get(folded.candidate), ranks[folded.task]
        better = (
            entry is not None
            and folded.outcome == "accepted"
            and rank[entry.id] > rank[tops[folded.task].id]
        )
        before = best[folded.task]
        if entry is not None and better:
            tops[folded.task] = entry
            best[folded.task] = speed_of(task, entry, scales[folded.task])
        made.append(
            {
                "step": folded.step, "outcome": folded.outcome, "best": _mean(best.values()),
                "better": better, "task": folded.task, "id": folded.candidate,
                "note": folded.note or folded.failure, "from": before, "to": best[folded.task],
            }
        )  # fmt: skip
    return made


def _mean(values: Any) -> float | None:
    known = [v for v in values if v]
    return geometric_mean(known) if known else None
