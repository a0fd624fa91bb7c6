"""What a rule does to a text: never by names, only where the tree says so, and with a reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kernelgepa.playbook.helpers import inlined
from kernelgepa.playbook.hints import favoured
from kernelgepa.playbook.macros import expanded
from kernelgepa.playbook.rules import VARIANTS, Facts, reasons, rewrites
from kernelgepa.verdict import LoopProfile, Profile

KERNELS = Path(__file__).with_name("kernels")
ADD = "void f(int16_t *x, int16_t *y) {\n  for (int i = 0; i < 256; ++i) y[i] = x[i] + 1;\n}\n"


def first(source: str, facts: Facts) -> str:
    return next(iter(rewrites(source, source, facts))).source


def renamed(source: str) -> str:
    words = {"f": "another", "x": "from_here", "y": "to_there", "i": "position"}
    return re.sub(r"\b[a-z]\b", lambda m: words.get(m[0], m[0]), source)


def test_names_do_not_matter() -> None:
    there = first(renamed(ADD), Facts("another", frozenset({"from_here", "to_there"})))
    assert there == renamed(first(ADD, Facts("f", frozenset({"x", "y"}))))
    assert "load_v<32>" in there


def test_the_same_source_gives_the_same_rewrites() -> None:
    facts = Facts("f", frozenset({"x", "y"}))
    assert list(rewrites(ADD, ADD, facts)) == list(rewrites(ADD, ADD, facts))


@pytest.mark.parametrize(
    ("loop", "why"),
    [
        ("for (int i = 0; i < 256; ++i) { if (x[i] == 7) break; y[i] = x[i]; }", "break"),
        ("for (int i = 1; i < 256; ++i) y[i] = y[i - 1] ^ x[i];", "different places"),
        ("for (int i = 1; i < 256; i *= 2) y[i] = x[i];", "count by a constant"),
        ("int i = 0; while (x[i] != 0) { y[i] = x[i]; ++i; }", "line 2"),
        ("for (int i = 0; i < 256; ++i) y[x[i]] = 1;", "affine"),
        ("for (int i = 0; i < 256; ++i) y[0] = x[i];", "every trip|depends"),
    ],
)
def test_what_is_not_recognised_is_left_alone_and_said(loop: str, why: str) -> None:
    source = f"void f(int16_t *x, int16_t *y) {{\n  {loop}\n}}\n"
    facts = Facts("f", frozenset({"x", "y"}))
    made = [r.rule for r in rewrites(source, source, facts)]
    assert not any(name.startswith("vectorise") for name in made)
    assert re.search(why, " ".join(reasons(source, facts)))


def test_unaligned_places_are_read_as_such() -> None:
    source = ADD.replace("x[i] + 1", "x[i + 3] + x[i + 32]")
    made = first(source, Facts("f", frozenset({"x", "y"})))
    assert "load_unaligned_v<32>(x + trip + 3)" in made
    assert "load_v<32>(x + trip + 32)" in made
    assert "load_unaligned_v<32>(x + trip + 32)" in first(source, Facts("f"))


def test_fixed_scalars_are_guarded() -> None:
    source = (
        "void f(int16_t *x, int16_t *y, int32_t step) {\n"
        "  for (int i = 0; i < 128; ++i) y[i] = x[i * step];\n}\n"
    )
    (made,) = [
        r
        for r in rewrites(source, source, Facts("f", frozenset({"x", "y"}), {"step": 2}))
        if r.rule == "vectorise-guarded"
    ]
    assert "if (step == 2)" in made.source
    assert "y[i] = x[i * step];" in made.source  # what there was, for all other values


def test_every_rewrite_has_a_citation_and_a_note() -> None:
    for path in sorted(KERNELS.glob("*bf16*.cc"))[:6]:
        source = path.read_text()
        name = path.stem
        for made in rewrites(source, source, Facts(name)):
            assert made.citations and made.note and made.rule


def test_macros_are_expanded_in_the_kernel_only() -> None:
    source = "#define N 8\n#define SQ(v) ((v) * (v))\nvoid f(int *x) { x[0] = SQ(x[1] + N); }\n"
    assert "x[0] = ((x[1] + 8) * (x[1] + 8));" in expanded(source, "f")
    assert expanded(source, "f").startswith("#define N 8\n")


def test_a_helper_keeps_its_own_names() -> None:
    source = (
        "static void copy(int *y, int *x) { for (int i = 0; i < 4; ++i) x[i] = y[i]; }\n"
        "void f(int *x, int *y) { copy(x, y); }\n"
    )
    made = inlined(source, "f")
    assert "int *y_of = x;" in made and "int *x_of = y;" in made
    assert "x_of[i_of] = y_of[i_of];" in made


def profile(loop: LoopProfile) -> Profile:
    return Profile(
        cycles=100, vector_cycles=10, utilisation=0.1, macs=0, mac_efficiency=0.0,
        bytes_loaded=0, bytes_stored=0, port_limit_cycles=1, loops=(loop,),
    )  # fmt: skip


def loop_bound_by(recurrence: int, **resources: int) -> LoopProfile:
    ii = max(recurrence, *resources.values())
    return LoopProfile(
        line=1, depth=0, trips=16, entries=1, ii=ii, length=20, stages=2, hardware_loop=True,
        resource_bound=dict(resources), recurrence_bound=recurrence, recurrence_chain=(), cycles=99,
    )  # fmt: skip


def test_the_profile_decides_what_is_tried_first() -> None:
    names = {v.name for v in VARIANTS}
    chain = favoured([profile(loop_bound_by(6, vec=1, lda=2))])
    products = favoured([profile(loop_bound_by(1, vec=5, lda=1))])
    loads = favoured([profile(loop_bound_by(1, vec=1, lda=3))])
    assert (chain[0], products[0], loads[0]) == (
        "vectorise-chains",
        "vectorise-bf16",
        "vectorise-wide",
    )
    assert {*chain, *products, *loads} <= names
    assert favoured([]) == ()
