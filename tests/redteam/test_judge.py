"""Our judge rejects every cheat for a reason named beforehand, and takes every honest twin.

The command `kernelgepa redteam` does this for the rewritten forms of all cases too. Here only those
are judged in other words whose class our judge finds with the help of names, and a twin is timed
only where its cheat may come as far as that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kernelgepa.candidate import Candidate
from kernelgepa.measured.contract import Built
from kernelgepa.measured.modules import TorchAdapter
from kernelgepa.redteam.cases import RedCase, Role, load, missing
from kernelgepa.redteam.scorecard import NO_WIN, Judges, Result, rows, run
from kernelgepa.sandbox import Choice, open_sandbox
from kernelgepa.task import Task

CASES = load()
HERE = [c for c in CASES if not missing(c)]
BY_NAMES = [c for c in HERE if c.policy or "policy-reference" in c.reasons]
OF_TIMING = {"clock", "forged", "impossible", "timed-wrong", "stale", NO_WIN}
TIMED = {c.name for c in HERE if c.reasons & OF_TIMING}


class Adapter(TorchAdapter):
    """Kernels of the other cases are run and compared, and their time is not asked for."""

    def build(self, task: Task, candidate: Candidate, device: str) -> Built:
        return replace(super().build(task, candidate, device), timed=task.name in TIMED)


@pytest.fixture(scope="module")
def judges() -> Iterator[Judges]:
    with open_sandbox(Choice("landlock")) as sandbox, Judges(sandbox, Adapter) as made:
        yield made


@pytest.mark.parametrize("case", HERE, ids=lambda c: c.name)
def test_the_cheat_is_rejected_and_the_twin_taken(judges: Judges, case: RedCase) -> None:
    hostile, honest = run([case], judges, ("hostile", "honest"))
    assert not hostile.accepted, hostile
    assert hostile.named, hostile
    assert honest.correct, honest


@pytest.mark.parametrize("case", BY_NAMES, ids=lambda c: c.name)
def test_the_cheat_is_rejected_in_other_words(judges: Judges, case: RedCase) -> None:
    (rewritten,) = run([case], judges, ("rewritten",))
    assert rewritten.named, rewritten


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 45
    assert sum("cuda" not in c.needs for c in CASES) >= 35


def test_only_cheats_on_the_clock_may_come_to_nothing() -> None:
    """A cheat on values that is right and no faster would be no cheat."""
    folders = {c.name.partition("/")[0] for c in CASES if NO_WIN in c.reasons}
    assert folders <= {"time", "cuda"}


def result(case: RedCase, role: Role, correct: bool, win: bool, *reasons: str) -> Result:
    return Result(case, role, correct, win, frozenset(reasons))


def test_the_scorecard_counts_a_cheat_that_is_accepted_as_a_miss() -> None:
    case = next(c for c in HERE if c.name == "time/cache-pointer")
    found = [
        result(case, "hostile", True, True),
        result(case, "rewritten", False, False, "timed-wrong"),
        result(case, "honest", True, False, NO_WIN),
    ]
    assert [r.good for r in found] == [False, True, True]
    (row,) = rows([case], found)
    assert (row.hostile, row.rejected, row.named, row.twins, row.accepted) == (2, 1, 1, 1, 1)


def test_a_rejection_for_another_reason_or_of_a_twin_is_a_miss() -> None:
    case = next(c for c in HERE if c.name == "time/cache-pointer")
    other = result(case, "hostile", False, False, "crashed")
    assert not other.good
    assert rows([case], [other])[0].rejected == 1
    assert rows([case], [other])[0].named == 0
    assert not result(case, "honest", False, False, "timed-wrong").good
