"""What wrong values usually come from: by their patterns, and by where a kernel is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import TYPE_CHECKING

from kernelgepa.feedback.tables import Rule, pattern

if TYPE_CHECKING:
    from kernelgepa.task import Task, Workload
    from kernelgepa.verdict import Verdict

SIZES, VALUES = "right on other sizes", "right on other values"


def causes(task: Task, verdict: Verdict) -> list[Rule]:
    """Rules of what the wrong elements show, each once: the most telling first, then the most
    frequent."""
    said = [m.pattern for w in verdict.workloads for m in w.mismatches]
    if not said:
        return []
    between = contrast(task, verdict)
    found = [rule for text in said if (rule := pattern(text, task.target))]
    counts = Counter(rule.hint for rule in found)
    found.sort(key=lambda rule: (rule.vague, -counts[rule.hint]))
    special = [rule for rule in found if not rule.vague]
    apart = pattern(between, task.target) if between else None
    every = [*special, *([apart] if apart else []), *found]
    return list({rule.hint: rule for rule in every}.values())


def contrast(task: Task, verdict: Verdict) -> str:
    """SIZES where no right workload has the sizes of a wrong one, VALUES where one has.

    Empty where all are wrong, or all right.
    """
    known = {w.name: _sizes(w) for w in task.workloads}
    right = {known.get(w.workload) for w in verdict.workloads if w.correct}
    wrong = {known.get(w.workload) for w in verdict.workloads if not w.correct}
    if not right or not wrong:
        return ""
    return VALUES if right & wrong else SIZES


def _sizes(workload: Workload) -> Hashable:
    return (
        tuple(sorted(workload.shapes.items())),
        tuple(sorted((n, v) for n, v in workload.scalars.items() if isinstance(v, int))),
    )
