"""The archive against a brute-force model, on thousands of random score tables."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.world import candidate, verdict
from kernelgepa.engine.archive import Archive
from kernelgepa.protocols import Attempt
from kernelgepa.verdict import Quantity, Stage, Verdict, WorkloadVerdict

TIES = 0.05
NAMES = ("a", "b", "c", "d")

# Few distinct values, so that ties, duplicates and dominance are common; None is wrong.
_cost = st.one_of(st.none(), st.sampled_from([1.0, 1.03, 1.06, 2.0, 4.0, 8.0]))
_tables = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(_cost, min_size=n, max_size=n), min_size=1, max_size=12)
)


def _archive(table, ties=0.0):
    names = NAMES[: len(table[0])]
    made = Archive(names, whole=False, ties=ties)
    for number, row in enumerate(table):
        costs = dict(zip(names, row, strict=True))
        who = candidate(costs, salt=str(number))
        made.add(Attempt(who, verdict(costs, names, who.id), True))
    return made, [a.candidate.id for a in made.attempts]


def _number(cost):
    return math.inf if cost is None else cost


def _beats(one, two, ties):
    """No worse anywhere, and better by more than a tie somewhere."""
    pairs = [(_number(a), _number(b)) for a, b in zip(one, two, strict=True)]
    return all(a <= b for a, b in pairs) and any(a * (1 + ties) < b for a, b in pairs)


def _front(table, ties):
    return [
        i
        for i, row in enumerate(table)
        if not any(_beats(other, row, ties) for other in table)
        and not any(other == row for other in table[:i])
    ]


def _leaders(table, front, ties):
    """By workload, who is best among all, or ties with the best."""
    led = dict.fromkeys(front, 0)
    for column in range(len(table[0])):
        best = min(_number(row[column]) for row in table)
        for i in front:
            mine = _number(table[i][column])
            led[i] += mine <= best * (1 + ties) if best < math.inf else mine == best
    return led


@settings(max_examples=200, deadline=None)
@given(_tables, st.sampled_from([0.0, TIES]))
def test_the_front_is_what_nothing_dominates(table, ties):
    archive, ids = _archive(table, ties)
    found = [ids.index(a.candidate.id) for a in archive.front()]
    assert found == _front(table, ties)


@settings(max_examples=200, deadline=None)
@given(_tables, st.sampled_from([0.0, TIES]))
def test_parents_are_chosen_in_proportion_to_the_workloads_they_lead(table, ties):
    archive, ids = _archive(table, ties)
    front = _front(table, ties)
    led = _leaders(table, front, ties)
    idle = [i for i in front if led[i] == 0]
    found = {ids.index(a.candidate.id): w for a, w in archive.weighted()}
    assert found == {i: led[i] or 1.0 / len(idle) for i in front}
    assert {ids.index(n): len(w) for n, w in archive.leads().items()} == led


@settings(max_examples=200, deadline=None)
@given(_tables)
def test_the_best_solves_most_and_is_then_the_fastest(table):
    archive, ids = _archive(table)

    def value(row):
        solved = [c for c in row if c is not None]
        base = [next(r[i] for r in table if r[i] is not None) for i, c in enumerate(row) if c]
        logs = [math.log(b / c) for b, c in zip(base, solved, strict=True)]
        return len(solved), sum(logs) / len(logs) if logs else 0.0

    mine = table[ids.index(archive.best().candidate.id)]
    best = max(value(row) for row in table)
    assert value(mine)[0] == best[0]
    assert math.isclose(value(mine)[1], best[1], abs_tol=1e-12)


@settings(max_examples=200, deadline=None)
@given(_tables)
def test_the_weights_of_leaders_are_those_of_the_papers_algorithm_2(table):
    """Algorithm 2 of arXiv 2507.19457, transcribed; it knows no trade-off that leads nowhere."""
    scores = [[-_number(c) for c in row] for row in table]
    count = len(scores[0])
    stars = [max(s[i] for s in scores) for i in range(count)]
    fronts = [{k for k, s in enumerate(scores) if s[i] == stars[i]} for i in range(count)]
    alive = set().union(*fronts)
    while True:
        dominated = {
            k
            for k in alive
            if any(
                all(x >= y for x, y in zip(scores[j], scores[k], strict=True))
                and (scores[j] != scores[k] or j < k)
                for j in alive - {k}
            )
        }
        if not dominated:
            break
        alive -= {max(dominated)}
    wanted = {k: sum(k in front for front in fronts) for k in alive}
    archive, ids = _archive(table)
    weights = {ids.index(a.candidate.id): w for a, w in archive.weighted()}
    led = {ids.index(n) for n, w in archive.leads().items() if w}
    assert {k: weights[k] for k in led} == wanted


def test_a_trade_off_that_is_best_nowhere_is_kept():
    archive, ids = _archive([[1.0, 9.0], [9.0, 1.0], [2.0, 2.0]])
    assert len(archive.front()) == 3
    weights = {a.candidate.id: w for a, w in archive.weighted()}
    assert weights[ids[2]] > 0
    assert archive.best().candidate.id == ids[2]


def test_a_40x_case_does_not_win_by_an_arithmetic_mean():
    lopsided, even = [1.0, 100.0, 100.0], [20.0, 20.0, 20.0]
    archive, ids = _archive([[40.0, 40.0, 40.0], lopsided, even])
    assert archive.best().candidate.id == ids[2]


def _single(cost, **objectives):
    further = {name: Quantity(value, "", "modelled") for name, value in objectives.items()}
    found = WorkloadVerdict(
        "a", Stage.CORRECT, 1.0, cost=Quantity(cost, "cycles", "modelled"), objectives=further
    )
    who = candidate({"a": cost}, salt=str(objectives))
    return Attempt(who, Verdict(who.id, "t", (found,)), True)


def test_with_one_workload_further_objectives_keep_several_parents_alive():
    archive = Archive(("a",))
    for attempt in (
        _single(100.0, moved=50.0, library=9.0),
        _single(50.0, moved=80.0, library=0.0),
        _single(60.0, moved=20.0, library=9.0),
        _single(70.0, moved=90.0, library=9.0),
    ):
        archive.add(attempt)
    costs = [a.verdict.workloads[0].cost.value for a in archive.front()]
    assert costs == [50.0, 60.0]
    assert archive.best().verdict.workloads[0].cost.value == 50.0


def test_before_anything_is_correct_the_stage_reached_and_the_share_decide():
    def wrong(stage, share):
        who = candidate({"a": None}, salt=f"{stage}{share}")
        found = tuple(WorkloadVerdict(n, stage, share) for n in "ab")
        return Attempt(who, Verdict(who.id, "t", found), True)

    archive = Archive(("a", "b"))
    steps = [(Stage.COMPILE, 0.0), (Stage.RUN, 0.0), (Stage.COMPARE, 0.2), (Stage.COMPARE, 0.7)]
    for number, step in enumerate(steps):
        archive.add(wrong(*step))
        assert archive.best() is archive.attempts[number]
        assert archive.front() == [archive.attempts[number]]
