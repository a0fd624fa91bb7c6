"""Verdicts as numbers: one per axis, lower is better."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kernelgepa.task import Task
from kernelgepa.verdict import Verdict, WorkloadVerdict

# Every cost lies below, everything that is not correct above.
WORST = 1e300


def point(found: WorkloadVerdict) -> float:
    """The cost; where it is not correct, beyond every cost, and lower the further it came."""
    if found.correct:
        return found.cost.value if found.cost is not None else WORST
    return _behind(int(found.stage), found.share)


def _behind(stage: int, share: float) -> float:
    return WORST * (2.0 - (stage + min(share, 1.0)) / 8.0)


def points(whole: bool, verdict: Verdict, names: Sequence[str]) -> list[float]:
    """One number per workload named; what was not judged counts as not begun.

    `whole`: right only as a whole; a verdict that is not correct has the same number everywhere,
    by stage and share of matching elements.
    """
    by_name = {w.workload: w for w in verdict.workloads}
    if whole and not _correct(by_name, names):
        found = [by_name[n] for n in names if n in by_name]
        stage = min((int(w.stage) for w in found), default=0)
        share = sum(w.share for w in found) / len(names) if names else 0.0
        return [_behind(stage, share)] * len(names)
    return [point(by_name[n]) if n in by_name else _behind(0, 0.0) for n in names]


def _correct(by_name: Mapping[str, WorkloadVerdict], names: Sequence[str]) -> bool:
    return all(n in by_name and by_name[n].correct for n in names)


def costs(verdict: Verdict) -> dict[str, float]:
    """Cost per workload (lower is better), of those that have one."""
    return {w.workload: w.cost.value for w in verdict.workloads if w.cost is not None}


def speedups(base: Verdict, verdict: Verdict) -> dict[str, float]:
    """Ratio base / candidate per workload."""
    before, after = costs(base), costs(verdict)
    return {name: before[name] / after[name] for name in after if name in before and after[name]}


def geometric_mean(values: Sequence[float]) -> float:
    """Geometric mean; 0 of nothing."""
    if not values:
        return 0.0
    return math.exp(sum(math.log(v) for v in values) / len(values))


def gain(base: Verdict, verdict: Verdict) -> float:
    """Geometric-mean speedup over the workloads both have; 0 where there is none."""
    return geometric_mean(list(speedups(base, verdict).values()))


def joined(task: Task, first: Verdict, second: Verdict) -> Verdict:
    """One verdict on the workloads of both, in the task's order."""
    by_name = {w.workload: w for w in (*second.workloads, *first.workloads)}
    workloads = tuple(by_name[w.name] for w in task.workloads if w.name in by_name)
    return replace(first, workloads=workloads, seconds=first.seconds + second.seconds)


def part(verdict: Verdict, names: Iterable[str]) -> Verdict:
    """The verdict on some workloads only."""
    wanted = set(names)
    kept = tuple(w for w in verdict.workloads if w.workload in wanted)
    return verdict if len(kept) == len(verdict.workloads) else replace(verdict, workloads=kept)
