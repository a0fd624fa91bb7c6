"""KernelBench's score: fast_p, the geometric mean of speedups, and failures by class.

fast_p is the share of all problems whose kernel is correct and more than p times as fast as the
reference: strictly more, and wrong or missing kernels count among all (src/score.py of
github.com/ScalingIntelligence/KernelBench). A degenerate task, one that a kernel without work
passes, counts among all and never as fast.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kernelgepa.kernelbench.baselines import Timing
from kernelgepa.kernelbench.problems import Problem
from kernelgepa.kernelbench.results import OURS, Results, Sample

THRESHOLDS = (0.0, 0.5, 0.8, 1.0, 1.5, 2.0)


@dataclass(frozen=True)
class Outcome:
    """What came of one problem: of its best kernel, or of the one sample that is looked at."""

    level: int
    problem_id: int
    correct: bool
    speedup: float | None = None  # reference's time over the kernel's; None where not measured
    failure: str = ""  # class of the failure where it is not correct: "compile", "mismatch", ...
    interval: tuple[float, float] | None = None  # of the speedup, where one was measured
    degenerate: bool = False
    shrunk: bool = False  # measured on a smaller version of the problem
    won: bool | None = None  # faster beyond doubt; None: where the interval lies above 1

    @property
    def counted(self) -> float | None:
        """The speedup that counts for the score; None where none does."""
        good = self.correct and not self.degenerate and self.speedup is not None
        return self.speedup if good else None


@dataclass(frozen=True)
class Score:
    """The score of some problems. `fast` is by threshold, in the order of THRESHOLDS."""

    problems: int
    correct: int
    fast: Mapping[float, float]
    geometric_mean: float | None  # of speedups that count; None where none does
    wins: int  # faster beyond doubt
    degenerate: int
    shrunk: int
    failures: Mapping[str, int]  # class -> how many, the most frequent first


def fast_p(outcomes: Sequence[Outcome], p: float) -> float:
    """Share of all outcomes with a speedup above p that counts; 0 of none."""
    if not outcomes:
        return 0.0
    return sum(o.counted is not None and o.counted > p for o in outcomes) / len(outcomes)


def geometric_mean(speedups: Iterable[float]) -> float | None:
    """None of none. All are above 0."""
    logs = [math.log(s) for s in speedups]
    return math.exp(math.fsum(logs) / len(logs)) if logs else None


def score(outcomes: Sequence[Outcome]) -> Score:
    """Of any problems, one outcome each."""
    counts = Counter(o.failure or "unknown" for o in outcomes if not o.correct)
    good = [o for o in outcomes if o.counted is not None]
    return Score(
        len(outcomes),
        sum(o.correct for o in outcomes),
        {p: fast_p(outcomes, p) for p in THRESHOLDS},
        geometric_mean(o.counted for o in good if o.counted is not None),
        sum(_won(o) for o in good),
        sum(o.degenerate for o in outcomes),
        sum(o.shrunk for o in outcomes),
        dict(sorted(counts.items(), key=lambda c: (-c[1], c[0]))),
    )


def plain(total: Score) -> dict[str, Any]:
    """A score as a JSON object."""
    mean = total.geometric_mean
    return {
        "problems": total.problems,
        "correct": total.correct,
        "wins": total.wins,
        "fast": {f"{p:g}": share for p, share in total.fast.items()},
        "geometric_mean": None if mean is None else {"value": mean, "unit": "x", "tag": "measured"},
        "degenerate": total.degenerate,
        "shrunk": total.shrunk,
        "failures": dict(total.failures),
    }


def _won(one: Outcome) -> bool:
    by_interval = one.interval is not None and one.interval[0] > 1
    return by_interval if one.won is None else one.won


def by_level(outcomes: Sequence[Outcome]) -> Mapping[int, Score]:
    """One score a level."""
    levels = sorted({o.level for o in outcomes})
    return {n: score([o for o in outcomes if o.level == n]) for n in levels}


def outcomes(
    problems: Sequence[Problem],
    results: Mapping[int, Results],
    baseline: Mapping[tuple[int, str], Timing],
    sample_id: int = 0,
) -> list[Outcome]:
    """Of result files (by level) against a baseline, as their analysis does: one sample each."""
    made = []
    for problem in problems:
        found = results.get(problem.level, {}).get(problem.id, ())
        sample = next((s for s in found if s.sample_id == sample_id and not s.filler), None)
        reference = baseline.get((problem.level, problem.file))
        made.append(_outcome(problem, sample, reference))
    return made


def paired(problem: Problem, samples: Sequence[Sample]) -> Outcome:
    """By what was measured beside the kernels themselves, reference and kernel by turns, as the
    entry "kernelgepa" of each sample holds it; of several, the best."""
    found = [_paired(problem, s) for s in samples if not s.filler]
    missing = Outcome(problem.level, problem.id, False, failure="missing")
    return max(found, key=lambda o: (o.correct, o.counted or 0.0), default=missing)


def _paired(problem: Problem, sample: Sample) -> Outcome:
    made = _outcome(problem, sample, None)
    ours = sample.extra.get(OURS)
    speedup = ours.get("speedup") if isinstance(ours, Mapping) else None
    if not sample.correctness or not isinstance(ours, Mapping) or not isinstance(speedup, Mapping):
        return made
    value, low, high = (_number(speedup.get(k)) for k in ("value", "low", "high"))
    interval = None if low is None or high is None else (low, high)
    return replace(made, speedup=value, interval=interval, won=ours.get("win") is True)


def _number(value: object) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if good and isinstance(value, int | float) else None


def _outcome(problem: Problem, sample: Sample | None, reference: Timing | None) -> Outcome:
    if sample is None:
        return Outcome(problem.level, problem.id, False, failure="missing")
    ours = sample.extra.get(OURS)
    noted = ours if isinstance(ours, Mapping) else {}
    plain = "mismatch" if sample.compiled else "compile"
    timed = sample.correctness and sample.runtime > 0 and reference is not None
    return Outcome(
        problem.level,
        problem.id,
        sample.correctness,
        reference.mean / sample.runtime if timed and reference else None,
        "" if sample.correctness else str(noted.get("failure") or plain),
        degenerate=noted.get("degenerate") is True,
        shrunk=noted.get("shrunk") not in (None, False, ""),
    )


def table(outcomes: Sequence[Outcome]) -> str:
    """Scores by level and of all, and failures by class, as lines of text."""
    rows = [(f"level {n}", s) for n, s in by_level(outcomes).items()]
    total = score(outcomes)
    if len(rows) != 1:
        rows.append(("all", total))
    head = ["", "problems", "correct", "wins", *(f"fast_{p:g}" for p in THRESHOLDS), "geo. mean"]
    cells = [head, *([name, *_cells(s)] for name, s in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = [
        "  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(pairs))
        for row in cells
        if (pairs := list(zip(row, widths, strict=True)))
    ]
    if total.failures:
        lines.append("failures: " + ", ".join(f"{k} {n}" for k, n in total.failures.items()))
    for count, text in (
        (total.degenerate, "degenerate: a kernel without work passes; never counted as fast"),
        (total.shrunk, "measured on a shrunk problem: no figure to compare with others'"),
    ):
        if count:
            lines.append(f"{count} {text}")
    return "\n".join(line.rstrip() for line in lines)


def _cells(one: Score) -> list[str]:
    mean = "-" if one.geometric_mean is None else f"{one.geometric_mean:.3f}"
    shares = [f"{one.fast[p]:.3f}" for p in THRESHOLDS]
    return [str(one.problems), str(one.correct), str(one.wins), *shares, mean]
