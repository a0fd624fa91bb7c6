"""fast_p and its companions against tables worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernelgepa.kernelbench import baselines, metrics, results
from kernelgepa.kernelbench.baselines import Timing
from kernelgepa.kernelbench.metrics import THRESHOLDS, Outcome, fast_p, score, table
from kernelgepa.kernelbench.results import Sample
from tests.kernelbench.places import everything, ours


def right(number: int, speedup: float | None, level: int = 1, **more: object) -> Outcome:
    return Outcome(level, number, True, speedup, **more)  # type: ignore[arg-type]


def wrong(number: int, failure: str, level: int = 1) -> Outcome:
    return Outcome(level, number, False, None, failure)


# Ten problems: speedups 0.5, 0.8, 1, 1, 2, 8 of six right ones, one right but degenerate (9x),
# three wrong. Above 0: 6; above 0.5: 5 (0.5 itself is not); above 0.8: 4; above 1: 2; above 1.5: 2;
# above 2: 1. The product of the six is 6.4, its sixth root 1.3626.
TEN = [
    right(1, 0.5, interval=(0.4, 0.6)), right(2, 0.8), right(3, 1.0, interval=(0.9, 1.1)),
    right(4, 1.0), right(5, 2.0, interval=(1.8, 2.2), shrunk=True),
    right(6, 8.0, interval=(0.9, 9.0)), right(7, 9.0, degenerate=True, interval=(8.0, 10.0)),
    wrong(8, "compile"), wrong(9, "mismatch"), wrong(10, "compile"),
]  # fmt: skip


def test_ten_problems_by_hand():
    made = score(TEN)
    assert made.fast == {0.0: 0.6, 0.5: 0.5, 0.8: 0.4, 1.0: 0.2, 1.5: 0.2, 2.0: 0.1}
    assert made.geometric_mean == pytest.approx(6.4 ** (1 / 6))
    assert (made.problems, made.correct, made.wins, made.degenerate, made.shrunk) == (
        10,
        7,
        1,
        1,
        1,
    )
    assert list(made.failures.items()) == [("compile", 2), ("mismatch", 1)]


def test_nothing_and_nothing_right():
    assert score([]).fast == dict.fromkeys(THRESHOLDS, 0.0)
    assert score([]).geometric_mean is None
    made = score([wrong(1, ""), right(2, None)])
    assert made.fast[0.0] == 0.0
    assert made.geometric_mean is None
    assert made.failures == {"unknown": 1}
    assert metrics.geometric_mean([1e-300, 1e300]) == pytest.approx(1.0)


speedups = st.one_of(st.none(), st.sampled_from(THRESHOLDS[1:]), st.floats(1e-3, 1e3))


@given(st.lists(speedups, max_size=30), st.sampled_from(THRESHOLDS))
def test_fast_p_is_a_share_that_falls_with_p(given: list[float | None], p: float):
    made = [wrong(i, "x") if s is None else right(i, s) for i, s in enumerate(given)]
    above = [s for s in given if s is not None and s > p]
    assert fast_p(made, p) == (len(above) / len(given) if given else 0)
    assert all(fast_p(made, p) >= fast_p(made, q) for q in THRESHOLDS if q >= p)
    assert fast_p([*made, wrong(99, "x")], p) <= fast_p(made, p)


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=20), st.floats(0.1, 10))
def test_the_geometric_mean_scales_and_lies_between(given: list[float], by: float):
    mean = metrics.geometric_mean(given)
    scaled = metrics.geometric_mean([s * by for s in given])
    assert mean is not None
    assert scaled is not None
    assert min(given) <= mean * (1 + 1e-9)
    assert mean <= max(given) * (1 + 1e-9)
    assert math.isclose(scaled, mean * by, rel_tol=1e-9)


def test_outcomes_of_result_files_are_their_analysis(tmp_path: Path):
    problems = [p for p in everything() if p.level == 2]
    run = results.directory(tmp_path, "mine", 2)
    results.merge(run, {
        1: [Sample(0, True, True, 2.0), Sample(1, True, True, 0.1)],
        2: [Sample(0, True, True, 4.0, extra={"kernelgepa": {"degenerate": True}})],
        3: [Sample(0, True, False, extra={"kernelgepa": {"failure": "timeout"}})],
        4: [Sample(0, False, False)],
        5: [Sample(1, True, True, 1.0)],
        6: [Sample(0, True, True, 3.0, extra={"kernelgepa": {"shrunk": "n 8 -> 4"}})],
    })  # fmt: skip
    path = baselines.path(tmp_path, "H", "b")
    baselines.emit(path, {ours(2, n): Timing.of([6.0]) for n in (1, 2, 3)})
    results.complete(run, [p.id for p in problems])
    made = metrics.outcomes(problems, {2: results.read(run)}, baselines.read(path))
    assert made == [
        Outcome(2, 1, True, 3.0),
        Outcome(2, 2, True, 1.5, degenerate=True),
        Outcome(2, 3, False, failure="timeout"),
        Outcome(2, 4, False, failure="compile"),
        Outcome(2, 5, False, failure="missing"),
        Outcome(2, 6, True, None, shrunk=True),
    ]
    assert fast_p(made, 1.0) == 1 / 6


def test_the_table_shows_levels_and_all():
    made = table([*TEN, right(1, 4.0, level=2, interval=(3.9, 4.1))]).splitlines()
    assert made[0].split("  ")[-1] == "geo. mean"
    assert [" ".join(line.split()) for line in made[:4]] == [
        "problems correct wins fast_0 fast_0.5 fast_0.8 fast_1 fast_1.5 fast_2 geo. mean",
        "level 1 10 7 1 0.600 0.500 0.400 0.200 0.200 0.100 1.363",
        "level 2 1 1 1 1.000 1.000 1.000 1.000 1.000 1.000 4.000",
        "all 11 8 2 0.636 0.545 0.455 0.273 0.273 0.182 1.589",
    ]
    assert len({len(line) for line in made[:4]}) == 1
    assert made[4:] == [
        "failures: compile 2, mismatch 1",
        "1 degenerate: a kernel without work passes; never counted as fast",
        "1 measured on a shrunk problem: no figure to compare with others'",
    ]
    alone = table([wrong(1, "compile")]).splitlines()
    assert [" ".join(line.split()) for line in alone[1:]] == [
        "level 1 1 0 0 0.000 0.000 0.000 0.000 0.000 0.000 -",
        "failures: compile 1",
    ]
