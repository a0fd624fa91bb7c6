"""System-aware merge (arXiv 2507.19457, algorithm 4) on small hand-made cases."""

from __future__ import annotations

import random

from kernelgepa.candidate import Candidate
from kernelgepa.engine.merge import ancestors, find_merge
from kernelgepa.protocols import Attempt
from kernelgepa.verdict import Verdict

BASE = {"planner": "p0", "writer": "w0", "repair": "r0"}


class Family:
    """Candidates by short names, with a value each."""

    def __init__(self) -> None:
        self.known: dict[str, Candidate] = {}
        self.value: dict[str, tuple[int, float, float]] = {}
        self.name: dict[str, str] = {}
        self.seed = self.add("seed", {}, value=1.0)

    def add(self, name: str, change: dict[str, str], *parents: str, value: float) -> str:
        base = self.known[parents[0]].components if parents else BASE
        made = Candidate({**base, **change}, tuple(parents))
        self.known[made.id] = made
        self.value[made.id] = (0, 0.0, value)
        self.name[made.id] = name
        return made.id

    def merge(self, *front: str, tried=frozenset(), seed: int = 0):
        attempts = [Attempt(self.known[f], Verdict(f, "t", ()), True) for f in front]
        return find_merge(attempts, self.known, self.value, tried, random.Random(seed))

    def parts(self, found) -> dict[str, str]:
        return found.components(self.known)


def test_each_side_gives_the_component_it_changed():
    family = Family()
    one = family.add("one", {"planner": "p1"}, family.seed, value=2.0)
    two = family.add("two", {"writer": "w1"}, family.seed, value=3.0)
    found = family.merge(one, two)
    assert set(found.parents) == {one, two}
    assert family.parts(found) == {"planner": "p1", "writer": "w1", "repair": "r0"}


def test_where_both_changed_a_component_the_better_candidates_is_taken():
    family = Family()
    one = family.add("one", {"planner": "p1", "writer": "w1"}, family.seed, value=2.0)
    two = family.add("two", {"planner": "p2", "repair": "r2"}, family.seed, value=3.0)
    assert family.parts(family.merge(one, two)) == {"planner": "p2", "writer": "w1", "repair": "r2"}


def test_a_candidate_is_not_merged_with_its_own_ancestor():
    family = Family()
    one = family.add("one", {"planner": "p1"}, family.seed, value=2.0)
    two = family.add("two", {"writer": "w1"}, one, value=3.0)
    assert family.merge(one, two) is None
    assert ancestors(two, family.known) == [one, family.seed]


def test_an_ancestor_that_is_better_than_a_side_forbids_the_merge():
    family = Family()
    one = family.add("one", {"planner": "p1"}, family.seed, value=0.5)
    two = family.add("two", {"writer": "w1"}, family.seed, value=3.0)
    assert family.merge(one, two) is None


def test_nothing_is_merged_where_one_side_would_give_everything():
    family = Family()
    one = family.add("one", {"planner": "p1"}, family.seed, value=2.0)
    two = family.add("two", {"planner": "p2"}, family.seed, value=3.0)
    assert family.merge(one, two) is None


def test_a_pair_is_not_merged_twice_nor_into_something_that_exists():
    family = Family()
    one = family.add("one", {"planner": "p1"}, family.seed, value=2.0)
    two = family.add("two", {"writer": "w1"}, family.seed, value=3.0)
    assert family.merge(one, two, tried=frozenset({(min(one, two), max(one, two))})) is None
    family.add("both", {"planner": "p1", "writer": "w1"}, family.seed, value=1.0)
    assert family.merge(one, two) is None


def test_the_nearest_common_ancestor_that_will_do_is_used():
    family = Family()
    root = family.add("root", {"repair": "r1"}, family.seed, value=1.5)
    one = family.add("one", {"planner": "p1"}, root, value=2.0)
    two = family.add("two", {"writer": "w1"}, root, value=3.0)
    assert family.parts(family.merge(one, two)) == {"planner": "p1", "writer": "w1", "repair": "r1"}


def test_of_a_large_front_some_pairs_are_looked_at():
    family = Family()
    front = [
        family.add(str(i), {("planner", "writer")[i % 2]: f"x{i}"}, family.seed, value=2.0 + i)
        for i in range(400)
    ]
    found = family.merge(*front)
    assert found is not None
    one, two = (family.known[p].components for p in found.parents)
    assert {one["planner"], two["planner"]} == {"p0", family.parts(found)["planner"]}
