"""Verdicts in the journal: a workload that has a cost and nothing else takes one number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kernelgepa.serial import from_plain, to_plain
from kernelgepa.verdict import Quantity, Stage, Verdict, WorkloadVerdict


def terse_verdict(verdict: Verdict) -> dict[str, Any]:
    """A JSON object; `read_verdict` gives back an equal verdict."""
    bare: dict[str, dict[str, float]] = {}
    order, full = [], []
    for found in verdict.workloads:
        order.append(found.workload)
        cost = found.cost
        if cost is None or not _bare(found, cost):
            full.append(to_plain(found, terse=True))
        else:
            bare.setdefault(f"{cost.tag} {cost.unit}", {})[found.workload] = cost.value
    made = to_plain(replace(verdict, workloads=()), terse=True)
    made["workloads"] = full
    if bare:
        made["costs"] = bare
    if bare and (full or len(bare) > 1):
        made["order"] = order
    return dict(made)


def _bare(found: WorkloadVerdict, cost: Quantity) -> bool:
    return (
        found.stage is Stage.CORRECT
        and found.share == 1.0
        and not (found.diagnostics or found.mismatches or found.objectives)
        and not (found.timing or found.labels)
        and found.profile is None
        and found.time_profile is None
        and cost.low is None
        and cost.high is None
    )


def read_verdict(data: Mapping[str, Any]) -> Verdict:
    """Raises KeyError, TypeError or ValueError where it is damaged."""
    verdict = from_plain(Verdict, data)
    if "costs" not in data:
        return verdict
    by_name = {w.workload: w for w in verdict.workloads}
    for key, costs in data["costs"].items():
        tag, _, unit = key.partition(" ")
        for name, value in costs.items():
            cost = from_plain(Quantity, {"value": value, "unit": unit, "tag": tag})
            by_name[name] = WorkloadVerdict(name, Stage.CORRECT, 1.0, cost=cost)
    return replace(verdict, workloads=tuple(by_name[n] for n in data.get("order", by_name)))
