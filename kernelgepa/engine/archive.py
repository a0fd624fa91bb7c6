"""The Pareto archive of one task: correctness is a gate, the axes are cost per workload.

Per-workload fronts and sampling as in GEPA (arXiv 2507.19457, algorithm 2), but dominance is
pairwise, near-equal costs tie, and a trade-off that leads nowhere is kept.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

import numpy as np

from kernelgepa.engine.score import WORST, points
from kernelgepa.protocols import Attempt
from kernelgepa.verdict import Verdict

if TYPE_CHECKING:
    Points = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    Places = np.ndarray[tuple[int, ...], np.dtype[np.intp]]

OBJECTIVES_WEIGHT = 1.0  # of all further objectives together, and of all trade-offs together
FIRST = 8  # axes compared first: nearly no pair is alike in all of them


class Archive:
    """Everything accepted, and the front of it. The first attempt is the seed.

    `whole`: a candidate that is wrong on one workload is wrong. `ties`: costs within this share of
    the best count as best (0 for modelled costs). With one workload the verdicts' further
    objectives are axes too, so that several parents stay alive.
    """

    def __init__(self, workloads: Sequence[str], whole: bool = True, ties: float = 0.0) -> None:
        self.attempts: list[Attempt] = []
        self._names, self._whole, self._ties = tuple(workloads), whole, ties
        self._objectives: tuple[str, ...] = ()
        self._front: list[int] = []
        self._rows = np.empty((0, len(self._names)))  # costs; those of the front come first
        self._leading = np.empty((0, len(self._names)), dtype=bool)
        self._least = np.full(len(self._names), np.inf)
        self._rank: list[tuple[int, float, float]] = []
        self._best = 0
        self._base = np.full(len(self._names), np.inf)  # first solution of each workload

    def add(self, attempt: Attempt) -> None:
        """Puts an attempt into the archive and, where nothing dominates it, on the front."""
        if not self.attempts and len(self._names) == 1:
            self._declare(attempt.verdict)
        new = self._point(attempt.verdict)
        index = len(self.attempts)
        self.attempts.append(attempt)
        self._rank.append(self._ranked(new))
        if self._rank[index] > self._rank[self._best]:
            self._best = index
        front = self._rows[: len(self._front)]
        above = front[_all(front[:, :FIRST] <= new[:FIRST])]
        above = above[_all(above <= new)]
        if ((above * (1.0 + self._ties) < new).any(axis=1) | _all(above == new)).any():
            return
        self._drop(self._beaten(front, new))
        self._append(index, new)

    def _beaten(self, front: Points, new: Points) -> Places:
        """Places on the front of what the new one dominates."""
        found = np.flatnonzero(_all(front[:, :FIRST] >= new[:FIRST]))
        found = found[_all(front[found] >= new)]
        return found[(front[found] > new * (1.0 + self._ties)).any(axis=1)]

    def _drop(self, places: Places) -> None:
        if not len(places):
            return
        kept = np.delete(np.arange(len(self._front)), places)
        self._front = [self._front[i] for i in kept]
        self._rows[: len(kept)] = self._rows[kept]
        self._leading[: len(kept)] = self._leading[kept]

    def _append(self, index: int, new: Points) -> None:
        count = len(self._front)
        if count == len(self._rows):
            more = max(16, count)
            self._rows = np.vstack([self._rows, np.empty((more, len(new)))])
            self._leading = np.vstack([self._leading, np.empty((more, len(new)), dtype=bool)])
        self._front.append(index)
        self._rows[count] = new
        better = np.flatnonzero(new < self._least)
        self._least[better] = new[better]
        limits = self._limits()
        self._leading[count] = new <= limits
        self._leading[:count, better] = self._rows[:count, better] <= limits[better]

    def _declare(self, verdict: Verdict) -> None:
        """Axes beside the one workload: what the seed's verdict declares."""
        self._objectives = tuple(sorted({n for w in verdict.workloads for n in w.objectives}))
        width = 1 + len(self._objectives)
        self._rows, self._least = np.empty((0, width)), np.full(width, np.inf)
        self._leading = np.empty((0, width), dtype=bool)

    def _point(self, verdict: Verdict) -> Points:
        numbers = points(self._whole, verdict, self._names)
        if self._objectives:
            found = next(w for w in verdict.workloads if w.workload == self._names[0])
            for name in self._objectives:
                known = found.objectives.get(name) if found.correct else None
                numbers.append(known.value if known is not None else numbers[0])
        return np.array(numbers)

    def _ranked(self, new: Points) -> tuple[int, float, float]:
        """Workloads solved, progress on the others, mean log speedup over the first solution."""
        workloads = new[: len(self._names)]
        solved = workloads <= WORST
        first = solved & np.isinf(self._base)
        self._base[first] = workloads[first]
        both = solved & (workloads > 0) & (self._base > 0)
        behind = float((workloads[~solved] / WORST).sum())
        logs = np.log(self._base[both] / workloads[both])
        return int(solved.sum()), -behind, float(logs.mean()) if logs.size else 0.0

    def _limits(self) -> Points:
        """What still counts as best, by axis."""
        return np.where(self._least > 0, self._least * (1.0 + self._ties), self._least)

    def _led(self) -> Flags:
        """By attempt of the front and workload, whether it leads."""
        return self._leading[: len(self._front), : len(self._names)]

    def front(self) -> list[Attempt]:
        """Attempts that no other dominates, oldest first; of equal ones only the oldest."""
        return [self.attempts[i] for i in self._front]

    def leads(self) -> dict[str, tuple[str, ...]]:
        """The workloads on which each of the front is best or ties, by candidate."""
        return {
            a.candidate.id: tuple(n for n, leads in zip(self._names, row, strict=True) if leads)
            for a, row in zip(self.front(), self._led().tolist(), strict=True)
        }

    def weighted(self) -> list[tuple[Attempt, float]]:
        """The front with the weight each is chosen with as a parent.

        A workload led counts 1; all further objectives together 1; those that lead nowhere share 1.
        """
        return list(zip(self.front(), self._weights().tolist(), strict=True))

    def _weights(self) -> Points:
        weights: Points = self._led().sum(axis=1).astype(float)
        if self._objectives:
            further = self._leading[: len(self._front), len(self._names) :]
            weights += OBJECTIVES_WEIGHT * further.sum(axis=1) / len(self._objectives)
        idle = weights == 0
        if idle.any():
            weights[idle] = OBJECTIVES_WEIGHT / idle.sum()
        return weights

    def pick(self, rng: random.Random, exhausted: Set[str] = frozenset()) -> Attempt | None:
        """A parent in proportion to its weight; None where all are exhausted."""
        weights = self._weights()
        for place, index in enumerate(self._front) if exhausted else ():
            if self.attempts[index].candidate.id in exhausted:
                weights[place] = 0.0
        return self._drawn(weights, rng)

    def pick_partner(self, first: str, rng: random.Random, tried: Set[str]) -> Attempt | None:
        """One that leads where the first, of the front too, does not, and the other way round.

        In proportion to the workloads it would add.
        """
        ids = [self.attempts[i].candidate.id for i in self._front]
        table = self._led()
        mine = table[ids.index(first)]
        added, lost = (table & ~mine).sum(axis=1), (~table & mine).sum(axis=1)
        fresh = np.array([name not in tried for name in ids])
        return self._drawn(np.where(fresh & (lost > 0), added, 0).astype(float), rng)

    def _drawn(self, weights: Points, rng: random.Random) -> Attempt | None:
        sums = np.cumsum(weights)
        if not len(sums) or not sums[-1] > 0:
            return None
        place = int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))
        return self.attempts[self._front[place]]

    def ranks(self) -> dict[str, tuple[int, float, float]]:
        """How good each candidate is on the whole, higher is better."""
        return {a.candidate.id: r for a, r in zip(self.attempts, self._rank, strict=True)}

    def best(self) -> Attempt:
        """Most workloads solved, then the furthest, then most geometric-mean speedup."""
        return self.attempts[self._best]

    def gain(self) -> float:
        """Geometric-mean speedup of the best over the first solution of each workload."""
        return math.exp(self._rank[self._best][2])

    def progress(self) -> float:
        """Rises with workloads solved, with how far the others are, and with log speedup."""
        solved, behind, speed = self._rank[self._best]
        return (solved + behind) / max(len(self._names), 1) + speed


def _all(table: Flags) -> Flags:
    return np.asarray(table.all(axis=1))
