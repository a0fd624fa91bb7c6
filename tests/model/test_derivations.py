"""The model says exactly what the cost table implies, worked out by hand for each micro-kernel."""

from __future__ import annotations

import pytest

from .measure import HERE, Derived, derivations, figures, innermost, measured

ROWS = {row.name: row for row in derivations()}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_model_equals_the_derivation(row: Derived) -> None:
    found = figures(measured(row.name))
    assert {key: found.get(key) for key in row.figures} == dict(row.figures), row.arithmetic


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_a_loop_without_an_interval_says_why(row: Derived) -> None:
    loop = innermost(measured(row.name))
    if loop is None:
        assert "ii" not in row.figures
        return
    assert (loop.ii is None) == ("ii" not in row.figures)
    assert row.reason in loop.reason
    assert bool(loop.reason) == (loop.ii is None)


def test_every_kernel_has_a_derivation_with_its_arithmetic() -> None:
    assert sorted(ROWS) == sorted(path.stem for path in (HERE / "kernels").glob("*.cc"))
    assert len(ROWS) >= 28
    for row in ROWS.values():
        assert row.figures
        assert row.arithmetic.strip()


def test_a_chain_names_the_operations_of_the_recurrence() -> None:
    loop = innermost(measured("mac_bf16_one_chain"))
    assert loop is not None
    assert [step.split(" ")[0] for step in loop.recurrence_chain] == ["vmac_bf16"]
    through_memory = innermost(measured("recurrence_through_memory"))
    assert through_memory is not None
    steps = {step.split(" ")[0] for step in through_memory.recurrence_chain}
    assert steps == {"load", "add", "store"}


def test_loops_are_reported_once() -> None:
    for row in ROWS.values():
        if row.name in ("nested", "nested_chains", "branch_in_loop"):
            continue
        assert len(measured(row.name).loops) <= 1, row.name
    inner, outer = sorted(measured("nested").loops, key=lambda p: -p.depth)
    assert (inner.depth, inner.trips, inner.entries) == (1, 64, 8)
    assert (outer.depth, outer.trips, outer.entries) == (0, 8, 1)
    assert outer.cycles >= inner.cycles
