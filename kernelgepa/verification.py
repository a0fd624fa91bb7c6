"""Judging an export again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernelgepa.engine.score import gain, part
from kernelgepa.errors import InputError
from kernelgepa.judges import Options, judge_of
from kernelgepa.protocols import Sandbox
from kernelgepa.runs.export import read_export
from kernelgepa.session import secret_of, seed_of
from kernelgepa.tasks import Start, load
from kernelgepa.tasks.seeding import seeded
from kernelgepa.verdict import Policy, Verdict


@dataclass(frozen=True)
class Verification:
    """An export, judged again. `versions` are those that differ, then and now."""

    verdict: Verdict
    then: Mapping[str, float]
    now: Mapping[str, float]
    worst: Mapping[str, float]  # the far end of each recorded cost's interval
    recorded: float  # speedup over the seed, when it was exported
    speedup: float  # now
    tag: str
    versions: Mapping[str, tuple[str, str]]

    @property
    def good(self) -> bool:
        """Correct, and nowhere slower than it was recorded; a measured cost within its interval."""
        now = {w.workload: w.cost for w in self.verdict.workloads if w.cost}
        return self.verdict.correct and all(
            (cost := now.get(name)) is not None
            and (cost.value if cost.low is None else cost.low) <= then
            for name, then in self.worst.items()
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "good": self.good,
            "correct": self.verdict.correct,
            "speedup": self._figure(self.speedup, self.now),
            "recorded": self._figure(self.recorded, self.then),
            "versions": {name: list(both) for name, both in self.versions.items()},
            "verdict": self.verdict.to_json(),
        }

    def _figure(self, speedup: float, costs: Mapping[str, float]) -> dict[str, Any] | None:
        """None where nothing was timed, as of what only an interpreter has run."""
        return {"value": speedup, "unit": "x", "tag": self.tag} if costs else None


def verify(
    directory: str | Path,
    secret_file: str | Path | None = None,
    sandbox: Sandbox | None = None,
    device: str = "",
) -> Verification:
    """Judges an export again, and its seed, on all workloads under a new secret.

    Raises InputError where the export, or the task in it, has been changed.
    """
    found = read_export(Path(directory))
    if not found.spec:
        raise InputError(
            f"{directory}: its task was given as an object, so that it cannot be judged from files"
        )
    start: Start = "stub" if found.start == "stub" else "canonical"
    task = load(found.spec, start, device, found.shrink, sandbox)
    if found.seed_kernel:
        task = seeded(task, found.seed_kernel)
    if task.digest != found.digest:
        raise InputError(
            f"{directory}: task {task.name} has changed since the export; export it again"
        )
    policies: dict[str, Policy] = {"npueval": "npueval", "kernelbench": "kernelbench"}
    secret = secret_of(secret_file)
    options = Options(policies.get(found.policy, "strict"), device, profile="none")
    with judge_of(task, options, secret, sandbox=sandbox) as judge:
        verdict = judge.whole(task, found.candidate)
        seed = judge.whole(task, seed_of(task, found.start))
        versions = dict(judge.versions())
    then = {name: cost["value"] for name, cost in found.costs.items() if cost}
    worst = {n: c.get("high") or c["value"] for n, c in found.costs.items() if c}
    return Verification(
        verdict,
        then,
        {w.workload: w.cost.value for w in verdict.workloads if w.cost},
        worst,
        found.speedup,
        gain(part(seed, then), part(verdict, then)) if verdict.correct and seed.correct else 0.0,
        next((w.cost.tag for w in verdict.workloads if w.cost), "unverified"),
        {
            name: (found.versions.get(name, "none"), versions.get(name, "none"))
            for name in sorted({*versions, *found.versions})
            if versions.get(name) != found.versions.get(name)
        },
    )
