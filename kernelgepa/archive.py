"""The Pareto archive of one task: correctness is a gate, the axes are cost per workload."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kernelgepa.protocols import Attempt
from kernelgepa.verdict import Verdict


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


def dominates(a: Verdict, b: Verdict) -> bool:
    """Whether a is at least as good everywhere and better somewhere. Correct beats incorrect."""
    if a.correct != b.correct:
        return a.correct
    if not a.correct:
        return a.progress > b.progress
    x, y = costs(a), costs(b)
    shared = [n for n in x if n in y]
    return all(x[n] <= y[n] for n in shared) and any(x[n] < y[n] for n in shared)


@dataclass
class Archive:
    """Everything evaluated, and the front of it. The first attempt is the seed."""

    attempts: list[Attempt]

    def front(self) -> list[Attempt]:
        """Attempts that no other dominates, oldest first; of equal ones only the oldest."""
        kept: list[Attempt] = []
        for a in self.attempts:
            if any(dominates(b.verdict, a.verdict) for b in self.attempts):
                continue
            if not any(_equal(a.verdict, k.verdict) for k in kept):
                kept.append(a)
        return kept

    def leaders(self) -> list[tuple[Attempt, int]]:
        """The front with the number of workloads each leads, the weight it is chosen with."""
        front = self.front()
        best: dict[str, float] = {}
        for a in front:
            for name, cost in costs(a.verdict).items():
                best[name] = min(cost, best.get(name, math.inf))
        led = [sum(c == best[n] for n, c in costs(a.verdict).items()) for a in front]
        return [(a, max(n, 1)) for a, n in zip(front, led, strict=True)]

    def best(self) -> Attempt:
        """Most geometric-mean speedup over the seed; the furthest one while nothing is correct."""
        seed = self.attempts[0]

        def key(a: Attempt) -> tuple[bool, tuple[int, float], float]:
            gain = geometric_mean(list(speedups(seed.verdict, a.verdict).values()))
            return a.verdict.correct, a.verdict.progress, gain

        return max(self.attempts, key=key)

    def accepts(self, parent: Verdict, child: Verdict) -> bool:
        """The gate: strictly better than its parent on some workload, or further on the way."""
        if child.correct and parent.correct:
            x, y = costs(child), costs(parent)
            return any(x[n] < y[n] for n in x if n in y)
        if child.correct != parent.correct:
            return child.correct
        return child.progress > parent.progress


def _equal(a: Verdict, b: Verdict) -> bool:
    return a.correct == b.correct and a.progress == b.progress and costs(a) == costs(b)
