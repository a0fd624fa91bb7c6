"""Which problems are run: all, numbers, representatives by rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kernelgepa.errors import InputError
from kernelgepa.kernelbench.families import KINDS, families
from kernelgepa.kernelbench.subset import representatives, select
from tests.kernelbench.places import PLAIN, contract, everything, ours, problem


def labels(subset: str) -> list[str]:
    return [p.label for p in select(everything(), subset)]


@pytest.mark.parametrize(
    ("label", "kinds"),
    [
        ("L1/1", {"matrix product"}),
        ("L1/2", {"softmax"}),
        ("L1/3", {"normalisation"}),
        ("L1/4", {"scan"}),
        ("L1/5", {"loss"}),
        ("L1/6", {"convolution"}),
        ("L1/7", {"reduction"}),
        ("L1/8", {"activation", "elementwise"}),
        ("L1/9", {"pooling"}),
        ("L1/11", {"embedding"}),
        ("L2/2", {"convolution", "elementwise", "activation", "pooling"}),
        ("L2/3", {"recurrent"}),
    ],
)
def test_kinds_of_operation_are_told_from_calls(label: str, kinds: set[str]):
    assert families(ours(*map(int, label[1:].split("/")))) == kinds


def test_what_is_no_python_has_no_kind():
    assert families(problem("def")) == frozenset()


def test_all_and_numbers():
    assert len(labels("all")) == 18
    assert labels("2,5-6") == ["L1/2", "L1/5", "L1/6", "L2/2", "L2/5", "L2/6"]
    assert labels("12") == ["L1/12"]


def test_representatives_have_every_kind_of_their_level_and_few():
    made = representatives(everything())
    assert made == select(everything(), "representative")
    for level in (1, 2):
        every = {k for p in everything() if p.level == level for k in families(p)}
        chosen = [p for p in made if p.level == level]
        assert {k for p in chosen for k in families(p)} == every
        assert len(chosen) <= len(every) <= len(KINDS)
    assert "L1/12" not in [p.label for p in made]  # others have its kinds and fewer besides


def test_the_plainest_problem_of_a_kind_is_chosen_then_the_lowest_number():
    both = "def forward(self, x): return torch.softmax(x @ x, 1)"
    one = "def forward(self, x): return torch.softmax(x, 1)"
    made = [
        problem(contract("[torch.rand(8, 8)]", model=model), number)
        for number, model in ((1, both), (2, one), (3, one))
    ]
    assert [p.id for p in representatives(made)] == [1, 2]
    assert [p.id for p in representatives(made[::-1])] == [2, 1]
    unknown = problem(contract("[torch.rand(len(str(8)), 8)]", model=one), 2)
    assert [p.id for p in representatives([made[0], unknown, made[2]])] == [1, 3]


def test_refused_problems_are_never_representative():
    bad = problem("import os\n" + PLAIN, 1)
    cuda = problem(PLAIN.replace("3)]", "3).cuda()]"), 2)
    good = problem(PLAIN, 3)
    assert [p.id for p in representatives([bad, cuda, good], "cpu")] == [3]
    assert [p.id for p in representatives([bad, cuda, good], "cuda:0")] == [2]
    with pytest.raises(InputError, match="none of the problems can be taken"):
        representatives([bad])


@pytest.mark.parametrize(
    ("subset", "says"),
    [
        ("", "expected representative, all or numbers such as 1,4-7, found ''"),
        ("some", "expected representative, all or numbers"),
        ("3-", "found '3-'"),
        ("5,90-92", "level 1, 2 has no problem 90-92"),
    ],
)
def test_what_is_no_subset_is_said(subset: str, says: str):
    with pytest.raises(InputError) as error:
        select(everything(), subset)
    assert says in str(error.value)


def test_the_choice_does_not_depend_on_names_or_places():
    renamed = [replace(p, name=f"{p.id}_x", origin="elsewhere") for p in everything()]
    assert [p.label for p in representatives(renamed)] == [
        p.label for p in representatives(everything())
    ]
