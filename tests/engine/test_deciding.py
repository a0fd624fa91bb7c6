"""Minibatches, gates, failure memory: small rules of the loop, each by hand."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.world import task, verdict
from kernelgepa.engine.gate import not_worse, passes
from kernelgepa.engine.lessons import Memory, signature
from kernelgepa.engine.minibatch import minibatch
from kernelgepa.verdict import Diagnostic, Stage, Verdict, WorkloadVerdict

NAMES = ("a", "b", "c")
EACH, WHOLE = task(), task(correctness="all")


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 30), st.text(max_size=3))
def test_a_minibatch_repeats_nothing_and_keeps_the_order(count, size, drawn, seed):
    workloads = [f"w{i}" for i in range(count)]
    found = minibatch(workloads, size, drawn, seed)
    assert len(found) == min(size, count)
    assert [w for w in workloads if w in found] == list(found)
    assert found == minibatch(workloads, size, drawn, seed)


def test_minibatches_go_through_all_workloads_before_any_comes_again():
    workloads = [f"w{i}" for i in range(12)]
    for epoch in range(3):
        drawn = [minibatch(workloads, 3, 4 * epoch + i, "s") for i in range(4)]
        assert Counter(w for m in drawn for w in m) == Counter(workloads)


def _passes(rule, of, parent, child, ties=0.0):
    names = NAMES[: len(parent)]
    old, new = (verdict(dict(zip(names, c, strict=True)), names) for c in (parent, child))
    return passes(rule, of, old, new, names, ties)


def test_any_workload_that_is_better_is_enough_and_the_sum_is_the_papers_rule():
    trade = ([10.0, 10.0, 10.0], [9.0, 30.0, 10.0])
    assert _passes("any", EACH, *trade)
    assert not _passes("sum", EACH, *trade)
    assert not _passes("any", EACH, [10.0, 10.0], [10.0, 10.0])
    assert not _passes("sum", EACH, [10.0, 10.0], [10.0, 10.0])
    # Twice as fast here outweighs a tenth slower there, whatever the scale of either.
    assert _passes("sum", EACH, [10.0, 10000.0], [5.0, 11000.0])


def test_a_difference_within_the_ties_is_none():
    assert not _passes("any", EACH, [10.0, 10.0], [9.9, 20.0], ties=0.05)
    assert _passes("any", EACH, [10.0, 10.0], [9.0, 20.0], ties=0.05)


def test_a_child_that_is_wrong_where_its_parent_is_right_as_a_whole_does_not_pass():
    assert not _passes("any", WHOLE, [10.0, 10.0], [1.0, None])
    assert _passes("any", EACH, [10.0, 10.0], [1.0, None])
    assert _passes("any", WHOLE, [10.0, None], [20.0, 20.0])
    assert _passes("sum", WHOLE, [10.0, None], [20.0, 20.0])


def test_a_child_that_compiles_beats_a_parent_that_does_not():
    def at(stage, share):
        return Verdict("x", "t", tuple(WorkloadVerdict(n, stage, share) for n in NAMES))

    order = [(Stage.COMPILE, 0.0), (Stage.BUILD, 0.0), (Stage.COMPARE, 0.1), (Stage.COMPARE, 0.9)]
    for rule in ("any", "sum"):
        for low, high in pairwise(order):
            assert passes(rule, WHOLE, at(*low), at(*high), NAMES)
            assert not passes(rule, WHOLE, at(*high), at(*low), NAMES)


def test_a_merge_passes_if_no_worse_than_the_better_parent():
    one, two = verdict({"a": 10.0, "b": 10.0}, "ab"), verdict({"a": 5.0, "b": 10.0}, "ab")
    assert not_worse(EACH, [one, two], verdict({"a": 5.0, "b": 10.0}, "ab"), "ab")
    assert not not_worse(EACH, [one, two], verdict({"a": 6.0, "b": 10.0}, "ab"), "ab")
    assert not not_worse(EACH, [one, two], verdict({"a": 1.0}, "ab"), "ab")


def _failed(message):
    note = Diagnostic(message, line=7)
    return Verdict("x", "t", (WorkloadVerdict("a", Stage.COMPILE),), (note,))


def test_failures_that_differ_in_numbers_only_are_one_lesson():
    first, second = _failed("vector of 24 elements"), _failed("vector of 48 elements")
    assert signature(first)[0] == signature(second)[0]
    memory = Memory()
    memory.failed("p", signature(first), "use 24 lanes")
    memory.failed("p", signature(second), "use 48 lanes")
    (lesson,) = memory.shown()
    assert lesson.tried == ("use 24 lanes", "use 48 lanes")
    assert lesson.fixed == ""
    memory.succeeded("other parent", "unrelated")
    assert memory.shown()[0].fixed == ""
    memory.succeeded("p", "use 32 lanes")
    assert memory.shown()[0].fixed == "use 32 lanes"
