"""Whether a child is worth judging on everything: compared with its parent on the minibatch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from kernelgepa.engine.score import WORST, points
from kernelgepa.task import Task
from kernelgepa.verdict import Verdict

Gate = Literal["any", "sum"]


def passes(
    rule: Gate, task: Task, parent: Verdict, child: Verdict, names: Sequence[str], ties: float = 0.0
) -> bool:
    """Whether the child is better than its parent.

    "any": on at least one workload, by more than `ties`. "sum": the paper's rule, on the sum over
    the workloads; costs are compared as logarithms, since they have no common scale. Either way,
    a child that is wrong where its parent is right as a whole does not pass.
    """
    whole = task.correctness == "all"
    new, old = points(whole, child, names), points(whole, parent, names)
    if whole and max(old) <= WORST < max(new):
        return False
    if rule == "any":
        return any(n * (1.0 + ties) < o for n, o in zip(new, old, strict=True))
    return _sum(new) * (1.0 + ties) < _sum(old) if max(new) > WORST else _logs(new, old) < 0.0


def _sum(values: Sequence[float]) -> float:
    """Workloads not solved, each by how far it is."""
    return sum(v / WORST for v in values if v > WORST)


def _logs(new: Sequence[float], old: Sequence[float]) -> float:
    """Sum of log cost ratios; negative where the child is better."""
    if max(old) > WORST:
        return -1.0
    return sum(math.log(n / o) for n, o in zip(new, old, strict=True) if n > 0 and o > 0)


def not_worse(task: Task, parents: Sequence[Verdict], child: Verdict, names: Sequence[str]) -> bool:
    """The gate of a merge: at least as good on the whole as the better of its parents."""
    return all(not _worse(task, p, child, names) for p in parents)


def _worse(task: Task, parent: Verdict, child: Verdict, names: Sequence[str]) -> bool:
    whole = task.correctness == "all"
    new, old = points(whole, child, names), points(whole, parent, names)
    if _sum(new) != _sum(old):
        return _sum(new) > _sum(old)
    solved = [(n, o) for n, o in zip(new, old, strict=True) if max(n, o) <= WORST]
    return bool(solved) and _logs(*map(list, zip(*solved, strict=True))) > 0.0
