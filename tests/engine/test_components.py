"""Candidates of three components: prompts of a scripted writer of kernels."""

from __future__ import annotations

import random

from engine.world import Wanderer, WorldJudge, decisions, optimise, task
from kernelgepa.candidate import Candidate
from kernelgepa.engine.journal import read
from kernelgepa.engine.score import geometric_mean
from kernelgepa.engine.select import Rules
from kernelgepa.protocols import Proposal

NAMES = ("plan", "write", "mend")
SEED = Candidate({"planner": "0", "writer": "0", "repair": "0"})


def costs(made: Candidate) -> dict[str, float]:
    """Each prompt's skill decides on one kind of kernel."""
    planner, writer, repair = (float(made.components[n]) for n in ("planner", "writer", "repair"))
    skills = {"plan": planner, "write": writer, "mend": repair}
    return {n: 100.0 / (1.0 + skill) for n, skill in skills.items()}


class Tutor(Wanderer):
    """Makes the prompt it is asked about better, or as often worse."""

    def propose(self, request):
        self.seen.append(request)
        parent = dict(request.parent.candidate.components)
        rng = random.Random(f"{request.parent.candidate.id}{request.asked_before}")
        change = rng.choice([-1.0, 0.75, 1.25])
        skill = max(0.0, float(parent[request.component]) + change)
        return Proposal({**parent, request.component: f"{skill:g}"}, self.name)


def _run(folder, merges, budget=20, seed=0):
    rules = Rules(seed=seed, merges=merges, width=4)
    made = task(workloads=NAMES)
    return optimise(folder, [(made, SEED)], Tutor(), budget, rules, judge=WorldJudge(cost=costs))


def test_components_take_turns(tmp_path):
    _run(tmp_path, merges=0, budget=9)
    turns = [d["component"] for d in decisions(tmp_path)]
    assert set(turns) == {"planner", "repair", "writer"}


def test_merge_puts_the_best_of_two_lineages_together(tmp_path):
    found = _run(tmp_path, merges=5, budget=30)
    made = [
        e for e in read(tmp_path)
        if e["event"] == "folded" and e["origin"] == "merge" and e["accepted"]
    ]  # fmt: skip
    assert made
    known = {a.candidate.id: a.candidate.components for a in found.attempts}
    for event in made:
        child, parents = known[event["candidate"]], [known[p] for p in event["parents"]]
        assert all(child[n] in {p[n] for p in parents} for n in child)
        assert child not in parents


def test_merge_gains_at_the_same_budget(tmp_path):
    """Over twenty runs each, since one may be lucky."""

    def mean(merges):
        runs = [_run(tmp_path / f"{merges}-{s}", merges, seed=s).speedup for s in range(20)]
        return geometric_mean(runs)

    assert mean(5) > 1.05 * mean(0)


def test_merges_are_limited(tmp_path):
    _run(tmp_path, merges=2, budget=40)
    assert sum(d["kind"] == "merge" for d in decisions(tmp_path)) == 2
