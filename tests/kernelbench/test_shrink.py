"""Smaller problems: only sizes change, what divided still divides, the text around them stays."""

from __future__ import annotations

import difflib
import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernelgepa.kernelbench.inspect import inspect
from kernelgepa.kernelbench.problems import Problem
from kernelgepa.kernelbench.shrink import (
    FLOOR,
    Shrunk,
    candidates,
    rewrite,
    variants,
    why_none,
)
from tests.kernelbench.places import PLAIN, contract, everything, ours, problem

LABELS = [p.label for p in everything()]


def changed(one: Shrunk) -> dict[str, int]:
    return {c.label: c.new for c in one.changes}


def made_of(label: str) -> Problem:
    return ours(*map(int, label[1:].split("/")))


@pytest.mark.parametrize("label", LABELS)
def test_every_candidate_changes_sizes_alone(label: str):
    shipped = made_of(label)
    read = inspect(shipped)
    sizes = {s.label: s for s in read.sizes}
    every = candidates(shipped) + variants(shipped)
    assert every
    for one in every:
        again = {s.label: (s.value, s.kind) for s in inspect(one.problem).sizes}
        assert {k: v for k, (v, _) in again.items()} == {
            k: changed(one).get(k, s.value) for k, s in sizes.items()
        }
        assert all(sizes[c.label].kind != "structure" and c.new < c.old for c in one.changes)
        assert one.problem.digest != shipped.digest == one.of
        assert (one.problem.level, one.problem.id) == (shipped.level, shipped.id)
        lines = difflib.ndiff(shipped.code.splitlines(), one.problem.code.splitlines())
        gone = [line for line in lines if line.startswith("- ")]
        assert len(gone) <= len(one.changes)


@pytest.mark.parametrize("label", LABELS)
def test_candidates_become_smaller_and_are_different(label: str):
    shipped = made_of(label)
    every = candidates(shipped)
    factors = [s.factor for s in every]
    falls = [i for i, (a, b) in enumerate(pairwise(factors)) if b < a]
    assert len(falls) <= 1  # where features without extents begin
    assert all(factor >= 1 for factor in factors)
    assert len({s.problem.digest for s in every}) == len(every)


def test_two_gigabytes_become_what_is_wanted_in_one_step():
    first = next(s for s in candidates(ours(1, 4)) if (s.input_bytes or 0) <= 32 << 20)
    assert first.input_bytes == 32 << 20
    assert first.factor == 64
    assert first.label == "shrunk 64x: batch_size 16384 -> 256"
    assert "batch_size = 256\ninput_shape = (32768,)\n" in first.problem.code


def test_batch_goes_before_extents_and_extents_before_features():
    order = [changed(s) for s in candidates(ours(2, 4))]
    assert order[0] == {"batch_size": 4}
    assert order[1] == {"batch_size": 2}
    assert order[2] == {"batch_size": 2, "seq_len": 32}
    assert order[4] == {"batch_size": 2, "seq_len": 8}
    assert order[5] == {"batch_size": 2, "seq_len": 8, "n_embd": 48}
    assert order[-1] == {"batch_size": 2, "n_embd": 12}  # 12 heads: never below, always multiples


def test_groups_heads_and_windows_still_divide():
    for shipped, size, of in ((ours(1, 3), "features", 6), (ours(2, 4), "n_embd", 12)):
        values = {changed(s).get(size) for s in candidates(shipped)} - {None}
        assert values
        assert all(v is not None and v % of == 0 for v in values)


def test_equal_sizes_stay_equal_and_multiples_stay_multiples():
    for one in candidates(ours(2, 6)):
        new = {s.label: s.value for s in inspect(one.problem).sizes}
        assert new["layer_sizes[0]"] == new["layer_sizes[1]"]
        assert new["input_size"] % new["layer_sizes[0]"] == 0
        assert new["layer_sizes[0]"] % new["layer_sizes[2]"] == 0


def test_an_odd_size_stays_odd():
    made = problem(PLAIN.replace("n = 64", "n = 64\nm = 1023").replace("(n, 3)", "(n, m)"))
    values = [changed(s)["m"] for s in candidates(made) if "m" in changed(s)]
    assert values[:3] == [511, 255, 127]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 8192), st.integers(1, 8192), st.sampled_from([1, 2, 3, 4, 6, 8, 16]),
    st.integers(1, 64), st.integers(1, 64),
)  # fmt: skip
def test_any_sizes_keep_their_relations(batch: int, side: int, groups: int, wide: int, narrow: int):
    code = contract(
        "[torch.rand(batch, channels, side)]",
        "[channels, width, num_groups]",
        "def __init__(self, channels, width, num_groups):\n"
        "        super().__init__()\n"
        "        self.norm = nn.GroupNorm(num_groups, channels)\n"
        "        self.up = nn.Linear(channels, width)\n"
        "    def forward(self, x): return x",
        f"batch = {batch}\nside = {side}\nnum_groups = {groups}\n"
        f"channels = {groups * narrow}\nwidth = {groups * narrow * wide}\n",
    )
    shipped = problem(code)
    read = inspect(shipped)
    old = {s.label: s for s in read.sizes}
    for one in candidates(shipped) + variants(shipped):
        new = {s.label: s.value for s in inspect(one.problem).sizes}
        assert new["num_groups"] == groups
        assert new["channels"] % groups == 0
        for label, size in old.items():
            assert 1 <= new[label] <= size.value
            if new[label] != size.value:
                assert new[label] >= min(size.value, FLOOR[size.kind])
        if new["channels"] != groups * narrow and old["width"].kind == "feature":
            assert new["width"] % new["channels"] == 0
        assert one.input_bytes == 4 * new["batch"] * new["channels"] * new["side"]
        assert math.isclose(one.factor, (read.input_bytes or 0) / one.input_bytes)


def test_the_text_around_a_number_is_kept_to_the_byte():
    code = PLAIN.replace("n = 64", "größe = 'ä'; n = ( 2**10 )  # 64, n = 64\r")
    (size,) = inspect(problem(code)).sizes
    assert rewrite(code, [size], {"n": 7}) == code.replace("2**10", "7")
    assert rewrite(code, [size], {"n": 1024}) == code


def test_a_size_written_twice_is_changed_where_it_counts():
    code = PLAIN.replace("n = 64", "n = 128\nn = 64")
    made = [inspect(s.problem).input_bytes for s in candidates(problem(code))]
    assert made == [n * 3 * 4 for n in (32, 16, 8, 4, 2)]


def test_names_of_one_number_change_together():
    code = PLAIN.replace("n = 64", "n = m = 64").replace("(n, 3)", "(1, n, m)")
    assert [s.label for s in inspect(problem(code)).sizes] == ["n"]
    for one in candidates(problem(code)) + variants(problem(code)):
        (made,) = inspect(one.problem).inputs or ()
        assert made.shape == (1, changed(one)["n"], changed(one)["n"])


def test_a_vector_that_may_lie_along_the_last_axis_stays_as_long_as_it():
    top = "batch = 8192\nwidth = 8192"
    inputs = "[torch.rand(batch, width), torch.rand(batch)]"
    along = problem(contract(inputs, top=top))
    for made in candidates(along):
        numbers = [c.new for c in made.changes]
        assert len(numbers) == 2 and len(set(numbers)) == 1
    across = problem(contract(inputs, top=top.replace("width = 8192", "width = 4096")))
    assert [str(c) for c in candidates(across)[0].changes] == ["batch 8192 -> 4096"]
    within = problem(contract("[torch.rand(batch, width)]", top=top))
    assert [str(c) for c in candidates(within)[0].changes] == ["batch 8192 -> 4096"]


def test_sizes_that_follow_from_others_follow():
    code = PLAIN.replace("n = 64", "n = 64\nm = 2 * n").replace("(n, 3)", "(n, m)")
    for one in candidates(problem(code)):
        (made,) = inspect(one.problem).inputs or ()
        assert made.shape is not None
        assert made.shape[1] == 2 * made.shape[0]


def test_sizes_written_in_get_inputs_are_sizes_unless_tied_to_others():
    local = problem(contract("[torch.rand(n, 512), torch.rand(n, 9)]", setup="n = 4096"))
    read = {(s.value, s.kind) for s in inspect(local).sizes}
    assert read == {(4096, "batch"), (512, "extent"), (9, "extent")}
    first = candidates(local)[0]
    assert "n = 2048\n" in first.problem.code
    assert str(first.changes[0]) == "number at line 10 column 9 4096 -> 2048"
    model = "def __init__(self):\n        super().__init__()\n        self.f = nn.Linear(512, 9)"
    model += "\n    def forward(self, x, y): return self.f(x)"
    tied = problem(contract("[torch.rand(64, 512), torch.randint(0, 64, (9,))]", model=model))
    assert {s.kind for s in inspect(tied).sizes} == {"structure"}
    assert candidates(tied) == []


def test_arithmetic_of_numbers_in_get_inputs_is_one_number():
    local = problem(contract("[torch.rand(2**12, 10 * 64), torch.rand(*(1 << 12,) * 2)]"))
    assert {s.value for s in inspect(local).sizes} == {4096, 640}
    first = candidates(local)[0]
    assert "torch.rand(2048, 320)" in first.problem.code and "(2048,) * 2" in first.problem.code


def test_an_extent_is_not_brought_below_a_window():
    code = contract("[torch.rand(4, 3, length)]", "[kernel_size, dilation]", top="length = 4000\n"
                    "kernel_size = 9\ndilation = 3")  # fmt: skip
    last = candidates(problem(code))[-1]
    assert changed(last) == {"length": 27}


def test_where_nothing_can_be_changed_it_is_said():
    hidden = problem(contract("[torch.rand(sizes['n'], 3)]", top="sizes = {**{'n': 64}}"))
    assert candidates(hidden) == variants(hidden) == []
    assert "is known to be a size of its inputs" in why_none(inspect(hidden))
    fixed = problem(contract("[torch.rand(kernel_size, 3)]", top="kernel_size = 64"))
    assert candidates(fixed) == []
    assert "are structure, which is not changed" in why_none(inspect(fixed))
    assert why_none(inspect(ours(1, 1))) == ""


def test_variants_are_other_shapes_that_leave_weights_alone():
    for shipped in everything():
        made = variants(shipped, 3)
        assert len(made) == 3
        shapes = {inspect(v.problem).inputs for v in made} | {inspect(shipped).inputs}
        assert len(shapes) == 4
        kinds = {s.label: s.kind for s in inspect(shipped).sizes}
        changed_kinds = {kinds[c.label] for v in made for c in v.changes}
        assert changed_kinds <= {"batch", "extent"}


FIELDS = "batch: int = 32\n    seq: int = 512\n    width: int = 1024\n    heads: int = 8"
CONFIGS = {
    "a dict": ("C = {'batch': 32, 'seq': 512, 'width': 1024, 'heads': 8}", "C['{}']", "C['{}']"),
    "a call of dict": ("C = dict(batch=32, seq=512, width=1024, heads=8)", "C['{}']", "C['{}']"),
    "a class": (f"class D:\n    {FIELDS}\nC = D", "C.{}", "D.{}"),
    "an object": (f"@dataclass\nclass D:\n    {FIELDS}\nC = D()", "C.{}", "D.{}"),
}


@pytest.mark.parametrize("form", CONFIGS)
def test_sizes_of_a_configuration_are_sizes_whatever_form_it_has(form: str):
    top, read, label = CONFIGS[form]
    batch, seq, width = (read.format(key) for key in ("batch", "seq", "width"))
    inside = read.format("width").replace("C", "c", 1), read.format("heads").replace("C", "c", 1)
    code = contract(
        f"[torch.rand({batch}, {seq}, {width})]",
        "[C]",
        "def __init__(self, c):\n        super().__init__()\n"
        f"        self.a = nn.MultiheadAttention({inside[0]}, {inside[1]})\n"
        "    def forward(self, x): return x",
        f"from dataclasses import dataclass\n{top}",
    )
    kinds = {s.label: s.kind for s in inspect(problem(code)).sizes}
    wanted = {"batch": "batch", "seq": "extent", "width": "feature", "heads": "structure"}
    assert kinds == {label.format(key): kind for key, kind in wanted.items()}
    first = candidates(problem(code))[0]
    assert first.label == f"shrunk 2x: {label.format('batch')} 32 -> 16"
    assert first.input_bytes == 16 * 512 * 1024 * 4


def test_sizes_of_arguments_by_name_are_those_of_their_parameters():
    code = contract(
        "{'x': torch.rand(rows, wide), 'scale': 2.0}",
        "{'wide': wide, 'kernel': kernel}",
        "def __init__(self, *, wide, kernel):\n        super().__init__()\n"
        "        self.a = nn.Linear(wide, 8)\n        self.kernel = kernel\n"
        "    def forward(self, x, scale): return x",
        "rows = 64\nwide = 128\nkernel = 7",
    )
    read = inspect(problem(code))
    assert {s.label: s.kind for s in read.sizes} == {
        "rows": "batch", "wide": "feature", "kernel": "structure"
    }  # fmt: skip
    assert (read.input_bytes, read.weight_bytes) == (64 * 128 * 4, 128 * 8 * 4)
