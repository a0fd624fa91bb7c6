"""From times to a verdict: rates of wrong verdicts over simulated sessions, seeds fixed."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest

from kernelgepa.measured.plan import LEAST_BLOCKS, LEAST_ROUNDS, MOST_CALLS, Plan, Run
from kernelgepa.measured.statistics import Block, Estimate, estimate, medians
from tests.measured.machines import IDLE, MACHINES, Machine, Session, sessions

# Sessions to simulate of each machine: those that are quickly settled are cheap.
SEEDS = dict.fromkeys(MACHINES, 600) | dict.fromkeys(("bursts", "two frequencies", "busy"), 200)


def wins(found: list[Estimate]) -> float:
    return sum(e.timing("cpu").win for e in found) / len(found)


def losses(found: list[Estimate]) -> float:
    return sum(e.timing("cpu").loss for e in found) / len(found)


@pytest.mark.parametrize("name", MACHINES)
def test_two_equivalent_kernels_are_called_different_at_most_once_in_200(name: str):
    found = sessions(MACHINES[name], 1.0, range(SEEDS[name]))
    assert wins(found) <= 1 / 200
    assert losses(found) <= 1 / 200


@pytest.mark.parametrize("name", MACHINES)
def test_one_15_percent_slower_is_never_called_faster(name: str):
    assert wins(sessions(MACHINES[name], 1 / 1.15, range(SEEDS[name] // 4))) == 0


def test_one_30_percent_faster_is_called_so_on_an_idle_machine():
    assert wins(sessions(IDLE, 1.3, range(200))) >= 0.95


def test_one_15_percent_slower_is_called_slower_on_an_idle_machine():
    assert losses(sessions(IDLE, 1 / 1.15, range(200))) >= 0.95


@pytest.mark.parametrize("name", ["scattered processes", "bursts", "two frequencies"])
def test_one_30_percent_faster_is_often_still_found_on_other_machines(name: str):
    assert wins(sessions(MACHINES[name], 1.3, range(100))) >= 0.8


def test_a_busy_machine_is_inconclusive_rather_than_wrong():
    found = sessions(MACHINES["busy"], 1.3, range(60))
    assert losses(found) == 0
    assert wins(found) < 0.5  # else this machine is not busy, and the tests above say little


@pytest.mark.parametrize("speedup", [1 / 1.15, 1.0, 1.3])
@pytest.mark.parametrize("name", ["idle", "scattered processes", "bursts", "two frequencies"])
def test_the_interval_holds_the_truth(name: str, speedup: float):
    found = sessions(MACHINES[name], speedup, range(200))
    assert sum(e.low <= speedup <= e.high for e in found) / len(found) >= 0.97


def block(pair: int, reference: float, candidate: float) -> Block:
    return Block.of(pair, [reference] * 2, [candidate] * 2)


def session(gains: list[list[float]], same: list[float]) -> Estimate:
    taken = [block(p, math.exp(g), 1.0) for p, pair in enumerate(gains) for g in pair]
    return estimate(taken, [block(0, math.exp(g), 1.0) for g in same])


def test_pairs_that_agree_exactly_still_leave_an_interval():
    found = session([[0.0] * 8] * 3, [0.0] * 8)
    assert found.speedup == pytest.approx(1.0)
    assert found.low < 0.98
    assert found.high > 1.02
    assert found.noise == 0
    assert found.settled == pytest.approx(1.0)


def test_pairs_that_differ_widen_the_interval_though_each_is_exact():
    near, far = (session([[0.2 - d] * 8, [0.2] * 8, [0.2 + d] * 8], [0.0] * 8) for d in (0, 0.2))
    assert near.timing("cpu").win
    assert far.speedup == pytest.approx(near.speedup)
    assert not far.timing("cpu").win


def test_a_reference_that_differs_from_itself_takes_the_win_away():
    calm, loud = (session([[0.15] * 8] * 3, [a] * 8) for a in (0.0, 0.12))
    assert calm.timing("cpu").win
    assert loud.noise == pytest.approx(math.expm1(0.12))
    assert not loud.timing("cpu").win


def test_a_reference_quicker_than_itself_is_noise_of_the_same_size():
    up, down = (session([[0.1] * 8] * 3, [a] * 8) for a in (0.05, -0.05))
    assert up.noise == pytest.approx(down.noise)


def test_one_wild_block_in_a_pair_changes_little():
    calm = session([[0.2] * 9] * 3, [0.0] * 9)
    wild = session([[0.2] * 8 + [3.0]] * 3, [0.0] * 8 + [-2.0])
    assert wild.speedup == pytest.approx(calm.speedup)
    assert wild.timing("cpu").win


def test_equal_blocks_give_equal_results():
    taken = [block(p, 1 + i / 100, 1 + p / 50) for p in range(3) for i in range(20)]
    assert estimate(taken, taken) == estimate(taken, taken)


def test_resamples_of_several_samples_are_independent():
    sample = np.sort(np.random.default_rng(1).normal(size=9))
    first, second = (medians(sample, stream) for stream in (0, 1))
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05


def test_a_drift_that_is_linear_over_a_block_cancels():
    first = Block.of(0, [1.00, 1.03], [1.01, 1.02])
    assert first.gain == pytest.approx(0, abs=2e-4)


@pytest.mark.parametrize("count", [1, 2, 5, 12, 41])
def test_medians_of_resamples_are_spread_like_those_of_real_resamples(count: int):
    rng = np.random.default_rng(count)
    sample = np.sort(rng.normal(size=count))
    real = np.median(rng.choice(sample, (40_000, count)), axis=1)
    drawn = medians(sample, draws=40_000)
    # Where the count is even, one of the two in the middle is drawn: a little wider.
    assert real.std() * 0.98 - 1e-9 <= drawn.std() <= real.std() * (1.1 if count > 2 else 1.5)
    assert drawn.mean() == pytest.approx(real.mean(), abs=0.1)


@pytest.mark.parametrize("seconds", [0.0, -1.0, math.nan, math.inf])
def test_a_time_that_cannot_be_is_refused(seconds: float):
    with pytest.raises(ValueError, match="above 0"):
        Block.of(0, [1.0, seconds], [1.0, 1.0])


def test_a_session_without_blocks_of_both_kinds_is_refused():
    one = [block(0, 1.0, 1.0)]
    for taken, same in ((one, []), ([], one)):
        with pytest.raises(ValueError, match="against itself"):
            estimate(taken, same)


# The plan


def rounds(plan: Plan, seconds: float = 0.01) -> list[tuple[Run, ...]]:
    """What is timed where every call takes the same, to the end."""
    asked = []
    while (runs := plan.next()) is not None:
        assert plan.next() == runs  # asking changes nothing
        asked.append(runs)
        plan.add([seconds * run.calls for run in runs])
    return asked


def test_runs_last_ten_milliseconds_or_one_call():
    assert Plan.of(1e-3, 5e-4).calls == {"reference": 10, "candidate": 20}
    assert Plan.of(1e-5, 5e-4).calls == {"reference": MOST_CALLS, "candidate": 20}
    assert Plan.of(0.5, 0.3).calls == {"reference": 1, "candidate": 1}
    beside = Plan.of(1e-3, 5e-4, beside_seconds=1e-3)  # a call is mostly what comes with it
    assert beside.calls == {"reference": 5, "candidate": 7}
    assert set(Plan.of(1e-6, 1e-6, beside_seconds=1e-4).calls.values()) == {10}
    assert set(Plan.of(1e-6, 1e-6, beside_seconds=1e-3).calls.values()) == {8}


def test_every_process_is_first_and_last_as_often():
    plan = Plan((1, 1), (4, 4))
    taken = rounds(plan)
    for first, second, third, fourth in taken:
        assert (first, second) == (fourth, third)
        assert first != second
    for pair in range(plan.pairs):
        mine = [b for b in taken if {r.pair for r in b} == {pair} and b[0].role != b[1].role]
        assert [b[0].role for b in mine].count("candidate") == 2 == len(mine) / 2
    same = [b for b in taken if b[0].role == b[1].role]
    assert sorted(b[0].pair for b in same) == [0, 0, 1, 1]


def test_who_is_slower_is_seen_whichever_is_first():
    plan = Plan((3, 5), (4, 4))
    while (runs := plan.next()) is not None:
        plan.add([run.calls * {"reference": 0.3, "candidate": 0.1}[run.role] for run in runs])
    assert plan.estimate.speedup == pytest.approx(3.0)
    assert plan.estimate.reference_seconds == pytest.approx(0.3)
    assert plan.estimate.seconds == pytest.approx(0.1)
    assert plan.estimate.timing("cpu").win


def test_at_least_twelve_blocks_where_they_fit_and_fewer_where_not():
    assert len([b for b in rounds(Plan.of(0.01, 0.01)) if b[0].role != b[1].role]) == LEAST_BLOCKS
    slow = Plan.of(2.0, 2.0)
    assert (slow.least, slow.most) == (LEAST_ROUNDS, LEAST_ROUNDS)
    assert len(rounds(slow)) == LEAST_ROUNDS * (slow.pairs + 1)


@pytest.mark.parametrize("name", ["scattered processes", "bursts", "busy"])
def test_a_session_as_short_as_they_get_is_not_fooled(name: str):
    plans = [(seed, Plan.of(2.0, 2.0)) for seed in range(600)]
    found = [Session(MACHINES[name], 1.0, seed).estimate(plan, 2.0) for seed, plan in plans]
    assert wins(found) <= 1 / 200
    assert losses(found) <= 1 / 200


def test_refilling_large_buffers_counts_towards_the_budget():
    assert Plan.of(0.05, 0.05).most > Plan.of(0.05, 0.05, buffer_bytes=2 << 30).most


def test_a_clear_verdict_ends_a_session_early_and_an_unclear_one_goes_on():
    clear = statistics.median(e.blocks for e in sessions(MACHINES["bursts"], 2.0, range(20)))
    unclear = statistics.median(e.blocks for e in sessions(MACHINES["bursts"], 1.1, range(20)))
    assert clear < unclear


def test_a_session_ends_where_more_blocks_tell_nothing():
    found = sessions(Machine(jitter=0.001, process=0.02), 1.0, range(20))
    assert {e.blocks for e in found} <= {LEAST_BLOCKS // 2, LEAST_BLOCKS}
    assert wins(found) == losses(found) == 0


def test_a_single_round_is_not_enough_to_call_a_small_gain():
    """Slow calls get one block a pair; the interval is then that much wider."""

    def once(seed: int) -> Estimate:
        rng = np.random.default_rng(seed)
        plan = Plan((1, 1), (1, 1))
        while (runs := plan.next()) is not None:
            plan.add([math.exp(rng.normal(0, 0.02)) for _ in runs])
        return plan.estimate

    found = [once(seed) for seed in range(400)]
    assert wins(found) <= 1 / 200
    assert losses(found) <= 1 / 200


def test_misuse_of_a_plan_is_refused():
    plan = Plan((1, 1), (1, 1))
    with pytest.raises(ValueError, match="too little"):
        _ = plan.estimate
    with pytest.raises(ValueError, match="longer"):
        plan.add([1.0])
    with pytest.raises(ValueError, match="above 0"):
        plan.add([1.0, 0.0, 1.0, 1.0])
    rounds(plan)
    with pytest.raises(ValueError, match="done"):
        plan.add([1.0] * 4)
    with pytest.raises(ValueError, match="two pairs"):
        Plan((1, 1), (1, 1), pairs=1)
