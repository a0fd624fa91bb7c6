"""Every cheat wins under a naive judge, also in other words; its honest twin is correct there."""

from __future__ import annotations

import tempfile
from dataclasses import replace

import pytest

from kernelgepa.redteam.cases import RedCase, Role, load, missing
from tests.redteam.conftest import Naive
from tests.redteam.naive import Finding, Habits, Job

TRIES = 5
HERE = [c for c in load() if not missing(c)]
named = pytest.mark.parametrize("case", HERE, ids=lambda c: c.name)


def habits_of(case: RedCase) -> Habits:
    return Habits(**case.naive, device="cuda" if "cuda" in case.needs else "cpu")


def judged(naive: Naive, case: RedCase, role: Role) -> Finding:
    """After the twin, whose compiled files lie in the folder that all candidates share."""
    problem, habits = case.code, habits_of(case)
    with tempfile.TemporaryDirectory() as build:
        if role != "honest" and "c++" in case.needs:
            naive(Job(problem, case.source("honest"), Habits(), build))
        return naive(Job(problem, case.source(role), habits, build))


def winning(naive: Naive, case: RedCase, role: Role) -> Finding:
    """The first finding that is a win, of a few tries: the machine may be busy."""
    for _ in range(TRIES):
        found = judged(naive, case, role)
        if found.correct and (found.speedup > 1.1 or case.gain == "work"):
            return found
    raise AssertionError(f"{case.name} {role} did not win: {found}")


@named
def test_the_cheat_wins(naive: Naive, case: RedCase) -> None:
    winning(naive, case, "hostile")


@named
def test_the_cheat_wins_in_other_words(naive: Naive, case: RedCase) -> None:
    winning(naive, case, "rewritten")


@named
def test_the_twin_is_correct(naive: Naive, case: RedCase) -> None:
    found = naive(Job(case.code, case.honest, replace(habits_of(case), scan=False), timed=False))
    assert found.correct, found
