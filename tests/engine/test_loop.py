"""The loop as a whole, in a world without kernels."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace

import pytest

from engine.world import (
    COSTS,
    Wanderer,
    WorldJudge,
    candidate,
    costs_of,
    decisions,
    optimise,
    task,
)
from kernelgepa.engine.budget import Budget
from kernelgepa.engine.journal import read
from kernelgepa.engine.score import gain
from kernelgepa.engine.select import Rules
from kernelgepa.engine.state import FRUITLESS
from kernelgepa.errors import InfrastructureError, InputError
from kernelgepa.protocols import Proposal

SEED = {"a": 100.0, "b": 100.0, "c": 100.0}


def _fronts(result):
    return {n: [a.candidate.id for a in t.front] for n, t in result.tasks.items()}


def test_a_run_improves_its_seed_and_never_judges_anything_twice(tmp_path):
    judge = WorldJudge()
    found = optimise(tmp_path, [(task(), candidate(SEED))], Wanderer(), 60, judge=judge)
    assert found.speedup > 1.5
    assert found.speedup == pytest.approx(gain(found.seed.verdict, found.best.verdict))
    assert found.confirmed
    assert max(Counter(judge.asked).values()) == 1
    assert found.spend.candidates == 60 == len(found.attempts) - 1


def test_what_the_feedback_cites_is_recorded_with_the_proposal(tmp_path):
    proposer = Wanderer()
    optimise(tmp_path, [(task(), candidate(SEED))], proposer, 12)
    recorded = [e["proposal"]["citations"] for e in read(tmp_path) if e["event"] == "proposed"]
    asked = [[f"manual:{r.parent.candidate.id}"] for r in proposer.seen]
    assert recorded == asked
    assert len(asked) >= 12


def test_what_a_proposer_cites_itself_stands(tmp_path):
    class Citing(Wanderer):
        def propose(self, request):
            return replace(super().propose(request), citations=("its own",))

    optimise(tmp_path, [(task(), candidate(SEED))], Citing(), 5)
    recorded = [e["proposal"]["citations"] for e in read(tmp_path) if e["event"] == "proposed"]
    assert recorded and all(found == ["its own"] for found in recorded)


def test_a_child_is_judged_on_the_minibatch_first_and_on_all_only_if_it_passes(tmp_path):
    names = [f"w{i}" for i in range(8)]
    judge = WorldJudge()
    seed = candidate(dict.fromkeys(names, 100.0))
    rules = Rules(minibatch=2)
    found = optimise(
        tmp_path, [(task(workloads=names), seed)], Wanderer(), 30, rules=rules, judge=judge
    )
    judged = Counter(who for _, who, _ in judge.asked)
    folded = {e["candidate"]: e for e in read(tmp_path) if e["event"] == "folded" and e["new"]}
    assert {judged[who] for who, e in folded.items() if not e["accepted"]} == {2}
    assert {judged[who] for who, e in folded.items() if e["accepted"]} == {8}
    assert found.spend.rollouts == sum(judged.values())


def test_hidden_workloads_judge_only_the_result(tmp_path):
    judge = WorldJudge()
    made = task(c=("hidden",))
    found = optimise(tmp_path, [(made, candidate(SEED))], Wanderer(), 20, judge=judge)
    assert {w for _, _, w in judge.asked} == {"a", "b"}
    assert {w.workload for w in found.best.verdict.workloads} == {"a", "b"}


def test_a_best_that_is_wrong_on_fresh_inputs_is_withdrawn(tmp_path):
    first = optimise(tmp_path / "1", [(task(), candidate(SEED))], Wanderer(), 30)
    lucky = first.best.candidate.id
    judge = WorldJudge(again_wrong=frozenset({lucky}))
    found = optimise(tmp_path / "2", [(task(), candidate(SEED))], Wanderer(), 30, judge=judge)
    assert found.only.withdrawn == (lucky,)
    assert found.confirmed
    assert found.best.candidate.id != lucky
    assert lucky not in {a.candidate.id for a in found.front}
    assert 1.0 < found.speedup <= first.speedup


@pytest.mark.parametrize("width", [1, 4])
def test_decisions_do_not_depend_on_the_number_of_jobs(tmp_path, width):
    tasks = [(task(n), candidate(SEED, salt=n)) for n in ("one", "two", "three")]
    made = {}
    for jobs in (1, 2, 7):
        folder = tmp_path / str(jobs)
        found = optimise(folder, tasks, Wanderer(width=width, price=0.01), 80, jobs=jobs)
        made[jobs] = (decisions(folder), _fronts(found), found.spend)
    assert made[1] == made[2] == made[7]


def test_another_seed_is_another_run(tmp_path):
    for seed in (0, 1):
        rules = Rules(seed=seed, minibatch=1)
        optimise(tmp_path / str(seed), [(task(), candidate(SEED))], Wanderer(), 20, rules=rules)
    assert decisions(tmp_path / "0") != decisions(tmp_path / "1")


@pytest.mark.parametrize("jobs", [1, 4])
def test_no_budget_is_ever_exceeded(tmp_path, jobs):
    tasks = [(task(), candidate(SEED))]

    def spend(name, budget):
        made = optimise(tmp_path / name, tasks, Wanderer(width=4, price=0.01), budget, jobs=jobs)
        return made.spend, made.stopped

    spent, why = spend("candidates", Budget(7))
    assert spent.candidates == 7
    assert "7 candidates" in why
    spent, why = spend("rollouts", Budget(1000, rollouts=50))
    assert 44 <= spent.rollouts <= 50
    assert "50 rollouts" in why
    spent, why = spend("usd", Budget(1000, usd=0.25))
    assert 0.23 <= spent.usd <= 0.25
    assert "do not cover another call" in why
    spent, why = spend("minutes", Budget(1000, minutes=1e-9))
    assert spent.candidates == 0
    assert "minutes" in why


class Stubborn(Wanderer):
    """Proposes its parent again and again."""

    def propose(self, request):
        self.seen.append(request)
        return Proposal(dict(request.parent.candidate.components), self.name, "the same")


def test_a_proposer_with_nothing_new_is_not_asked_for_ever(tmp_path):
    proposer, judge = Stubborn(), WorldJudge()
    found = optimise(tmp_path, [(task(), candidate(SEED))], proposer, 50, judge=judge)
    assert len(proposer.seen) == FRUITLESS
    assert [r.asked_before for r in proposer.seen] == list(range(FRUITLESS))
    assert {who for _, who, _ in judge.asked} == {found.seed.candidate.id}
    assert found.best is found.seed
    assert found.stopped == "nothing is left to try"


class Repeater(Wanderer):
    """Ten different changes, each worse, over and over."""

    def propose(self, request):
        worse = dict.fromkeys(SEED, 200.0 + request.number % 10)
        return Proposal({COSTS: json.dumps(worse)}, self.name, f"worse {request.number % 10}")


def test_a_rejected_change_that_comes_back_is_not_judged_again(tmp_path):
    judge = WorldJudge()
    found = optimise(tmp_path, [(task(), candidate(SEED))], Repeater(), 50, judge=judge)
    assert found.spend.candidates == 10
    assert max(Counter(judge.asked).values()) == 1


class Failing(Wanderer):
    """Wrong, wrong, right."""

    def propose(self, request):
        self.seen.append(request)
        costs = SEED if request.number >= 3 else dict.fromkeys(SEED)
        costs = {n: c and c - request.number for n, c in costs.items()}
        text = json.dumps({"salt": str(request.number), **costs})
        return Proposal({COSTS: text}, self.name, f"try {request.number}")


def test_what_failed_and_what_fixed_it_is_told_to_the_proposer(tmp_path):
    proposer = Failing()
    made = task(correctness="all")
    optimise(tmp_path, [(made, candidate(SEED))], proposer, 4)
    assert proposer.seen[0].lessons == ()
    (lesson,) = proposer.seen[2].lessons
    assert lesson.tried == ("try 1", "try 2")
    assert lesson.fixed == ""
    (lesson,) = proposer.seen[3].lessons
    assert lesson.fixed == "try 3"


def test_every_task_gets_its_minimum_and_gains_decide_on_the_rest(tmp_path):
    class Uneven(Wanderer):
        """One task gets better with every step, the others never."""

        def propose(self, request):
            best = request.task.name == "rising"
            cost = 100.0 * 0.9**request.number if best else 100.0 + request.number
            text = json.dumps({"salt": request.task.name, **dict.fromkeys(SEED, cost)})
            return Proposal({COSTS: text}, self.name)

    names = ("flat", "rising", "still")
    tasks = [(task(n), candidate(SEED, salt=n)) for n in names]
    optimise(tmp_path, tasks, Uneven(), 60, rules=Rules(minimum=5))
    turns = Counter(d["task"] for d in decisions(tmp_path))
    assert min(turns.values()) >= 5
    assert turns["rising"] > 30
    first = [d["task"] for d in decisions(tmp_path)][:6]
    assert first == [*names, *names]


def test_the_best_edit_of_another_task_is_shown(tmp_path):
    proposer = Wanderer()
    tasks = [(task(n), candidate(SEED, salt=n)) for n in ("one", "two")]
    optimise(tmp_path, tasks, proposer, 20)
    shown = [r for r in proposer.seen if r.example]
    assert shown
    assert all(r.example.task != r.task.name and r.example.gain > 1 for r in shown)


class Trader(Wanderer):
    """Gains on one workload what it gives away on another."""

    def propose(self, request):
        self.seen.append(request)
        rng = random.Random(request.number)
        costs = costs_of(request.parent.candidate)
        up, down = rng.sample(sorted(costs), 2)
        costs[up], costs[down] = costs[up] * 1.3, costs[down] * 0.8
        return Proposal({COSTS: json.dumps(costs)}, self.name)


def test_the_edit_shown_is_of_the_task_most_like_this_one(tmp_path):
    def made(name, words):
        return task(name), candidate(SEED, salt=words)

    class Halver(Wanderer):
        def propose(self, request):
            self.seen.append(request)
            parent = json.loads(request.parent.candidate.components[COSTS])
            costs = {n: c if n == "salt" else c * 0.5 for n, c in parent.items()}
            return Proposal({COSTS: json.dumps(costs)}, self.name)

    proposer = Halver()
    tasks = [
        made("add", "load add store vector int8"),
        made("sum", "reduce sum loop float"),
        made("subtract", "load subtract store vector int8"),
        made("mean", "reduce mean loop float"),
    ]
    optimise(tmp_path, tasks, proposer, 24, rules=Rules(minimum=6, together=1))
    shown = {r.task.name: r.example.task for r in proposer.seen if r.example}
    assert shown == {"add": "subtract", "subtract": "add", "sum": "mean", "mean": "sum"}


def test_a_crossover_has_two_parents_that_lead_on_different_workloads(tmp_path):
    proposer = Trader(crosses=True)
    rules = Rules(crossover=0.8)
    optimise(tmp_path, [(task(), candidate(SEED))], proposer, 40, rules=rules)
    crossed = [r for r in proposer.seen if r.partner]
    assert crossed
    for request in crossed:
        mine, other = (
            set(request.leads[a.candidate.id]) for a in (request.parent, request.partner)
        )
        assert mine - other and other - mine
        assert request.partner_feedback
    children = [e for e in read(tmp_path) if e["event"] == "folded" and len(e["parents"]) == 2]
    assert children


def test_a_failure_of_ours_ends_the_run_and_is_nobodys_score(tmp_path):
    class Broken(WorldJudge):
        def judge(self, task, candidate, workloads=None):
            if len(self.asked) > 12:
                raise InfrastructureError("the disk is full")
            return super().judge(task, candidate, workloads)

    tasks = [(task(), candidate(SEED))]
    with pytest.raises(InfrastructureError, match="disk is full"):
        optimise(tmp_path / "broken", tasks, Wanderer(), 30, judge=Broken())
    found = optimise(tmp_path / "broken", tasks, Wanderer(), 30)
    whole = optimise(tmp_path / "whole", tasks, Wanderer(), 30)
    assert decisions(tmp_path / "broken") == decisions(tmp_path / "whole")
    assert _fronts(found) == _fronts(whole)
    assert found.spend == whole.spend


def test_one_task_that_cannot_be_judged_does_not_stop_the_others(tmp_path):
    class Choosy(WorldJudge):
        def judge(self, task, candidate, workloads=None):
            if task.name == "bad":
                raise InputError("bad: the canonical kernel does not run")
            return super().judge(task, candidate, workloads)

    tasks = [(task(n), candidate(SEED, salt=n)) for n in ("good", "bad")]
    found = optimise(tmp_path, tasks, Wanderer(), 10, judge=Choosy())
    assert set(found.tasks) == {"good"}
    assert found.unusable == {"bad": "bad: the canonical kernel does not run"}
    assert not found.confirmed
    with pytest.raises(InputError, match="does not run"):
        optimise(tmp_path / "only", tasks[1:], Wanderer(), 10, judge=Choosy())


def test_a_seed_that_is_wrong_is_improved_until_it_is_right(tmp_path):
    made = task(correctness="all")
    wrong = candidate({"a": 50.0, "b": None, "c": None})
    found = optimise(tmp_path, [(made, wrong)], Wanderer(), 60)
    assert found.best.verdict.correct
    assert found.speedup == 0.0  # nothing to compare with


def test_a_higher_budget_goes_on_from_where_the_run_ended(tmp_path):
    tasks = [(task(), candidate(SEED))]
    rules = Rules(minimum=1)
    optimise(tmp_path / "twice", tasks, Wanderer(), 10, rules=rules)
    judge = WorldJudge()
    found = optimise(tmp_path / "twice", tasks, Wanderer(), 30, rules=rules, judge=judge)
    whole = optimise(tmp_path / "once", tasks, Wanderer(), 30, rules=rules)
    assert decisions(tmp_path / "twice") == decisions(tmp_path / "once")
    assert _fronts(found) == _fronts(whole)
    assert len({who for _, who, _ in judge.asked}) == 20


def test_a_run_by_other_rules_is_not_gone_on_with(tmp_path):
    tasks = [(task(), candidate(SEED))]
    optimise(tmp_path, tasks, Wanderer(), 10, rules=Rules(minibatch=1))
    with pytest.raises(InputError, match="decided otherwise"):
        optimise(tmp_path, tasks, Wanderer(), 20, rules=replace(Rules(minibatch=1), seed=5))
