"""What a proposer is told: the error, the wrong elements or the bottleneck; where to read on.

tests/judge/test_defects.py asks for it of correct and of spoiled kernels, tests/attacks of attacks.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from kernelgepa import tasks
from kernelgepa.content import content
from kernelgepa.docs_index import sections
from kernelgepa.feedback import CHARACTERS
from kernelgepa.feedback.inline import line_of
from kernelgepa.feedback.manual import PREFIX
from kernelgepa.feedback.tables import entries, pattern, rules
from kernelgepa.npu.frontend import compile_kernel
from kernelgepa.npu.oplib import library, precompiled
from kernelgepa.task import Interface, Parameter
from kernelgepa.verdict import Diagnostic, Mismatch, Stage, Verdict, WorkloadVerdict
from tests.feedback.telling import check, told

TESTS = Path(__file__).parents[1]
PROGRAMS = sorted((TESTS / "rejections" / "programs").glob("*.cc"))[::5]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda p: p.stem)
def test_of_a_wrong_program(path: Path) -> None:
    source = path.read_text()
    named = re.search(r"^// interface: (\w+)$", source, re.M)
    dtype = named[1] if named else "int16"
    interface = Interface("k", tuple(
        Parameter(name, "out" if name == "c" else "in", dtype) for name in "abc"
    ))  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        compiled = compile_kernel(source, interface, Path(folder), precompiled(library()))
    workload = WorkloadVerdict("all", compiled.stage)
    task = tasks.load("relu_i8")
    found = told(task, Verdict("x", task.name, (workload,), compiled.diagnostics), source)
    check(found, source)
    first = compiled.diagnostics[0]
    assert first.message in found.text
    assert first.source in found.text


def _mismatch(said: str) -> Mismatch:
    worst = tuple((i, 1e30 + i, -1e30 - i) for i in range(5))
    return Mismatch("output" * 10, 1024, 0, worst, 1e30, 1e30, 0, said)


def test_a_verdict_of_any_size_stays_within_the_budget() -> None:
    notes = tuple(
        Diagnostic(f"no member named 'vadd{i}' " + "x" * 470, "error", i, 1, "y" * 200)
        for i in range(40)
    )
    wrong = tuple(
        WorkloadVerdict(f"w{i}" * 20, Stage.COMPARE, 0.0, notes[:9], (_mismatch("z" * 300),) * 50)
        for i in range(60)
    )
    task = tasks.load("relu_i8")
    found = told(task, Verdict("x", task.name, wrong, notes))
    assert len(found.text) <= CHARACTERS
    assert "vadd0" in found.text


@pytest.mark.parametrize(
    ("said", "word", "section"),
    [
        ("tail: all elements from 992 to the end differ", "remainder", "scalar"),
        ("head: elements 0..31 differ, the rest is right", "first block", "memory-rules"),
        ("one block: elements 32..63 differ", "one vector's worth", "memory-rules"),
        ("elements 3, 19, ... (every 16th) differ", "same lane", "shuffle-down"),
        ("the right values, 4 places too late", "shifted", "shuffle-down"),
        ("wrapped around at 8 bits", "widen", "overflow"),
        ("the reference saturates where these elements do not", "clipped", "saturation"),
        ("these elements are saturated, the reference is not", "clipped", "saturation"),
        ("off by one: another rounding than the reference's", "rounding mode", "rounding"),
        ("all wrong elements are off by 1", "rounding mode", "rounding"),
        ("all wrong elements are off by 15", "constant", "rounding"),
        ("all wrong elements are 0.5 times the reference", "factor", "to-vector"),
        ("3 elements are NaN or infinite where the reference is finite", "zero", "bf16"),
        ("every element is zero", "never written", "memory-rules"),
        ("every element is 7", "one value", "memory-rules"),
        ("every element is wrong", "formula", "memory-rules"),
        ("", "no simple pattern", "memory-rules"),
    ],
)
def test_a_pattern_of_wrong_elements_is_explained(said: str, word: str, section: str) -> None:
    task = tasks.load("relu_i8")
    wrong = (WorkloadVerdict("w", Stage.COMPARE, 0.5, mismatches=(_mismatch(said),)),)
    found = told(task, Verdict("x", task.name, wrong))
    rule = pattern(said, "npu-sim")
    assert rule is not None
    assert word in found.text
    assert f"{PREFIX}{section}" in found.citations


def test_where_a_kernel_is_right_is_said() -> None:
    task = tasks.load("sat_add_i8")
    names = [w.name for w in task.workloads]
    wrong = WorkloadVerdict(names[-1], Stage.COMPARE, 0.9, mismatches=(_mismatch("tail: x"),))
    right = tuple(WorkloadVerdict(n, Stage.CORRECT, 1.0) for n in names[:-1])
    found = told(task, Verdict("x", task.name, (*right, wrong)))
    assert f"Right: {', '.join(names[:-1])}" in found.text
    assert "right on some sizes" in found.text
    assert f"{PREFIX}tail" in found.citations
    task = tasks.load("fir_i8")
    names = [w.name for w in task.workloads]
    wrong = WorkloadVerdict(names[0], Stage.COMPARE, 0.9, mismatches=(_mismatch(""),))
    other = WorkloadVerdict(names[1], Stage.CORRECT, 1.0)
    found = told(task, Verdict("x", task.name, (wrong, other)))
    assert "right on other values of the same size" in found.text
    assert found.citations[0] == f"{PREFIX}overflow"


def test_a_telling_pattern_comes_before_a_vague_one() -> None:
    task = tasks.load("relu_i8")
    said = ["every element is wrong", "every element is wrong", "wrapped around at 8 bits"]
    wrong = tuple(
        WorkloadVerdict(str(i), Stage.COMPARE, 0.5, mismatches=(_mismatch(text),))
        for i, text in enumerate(said)
    )
    found = told(task, Verdict("x", task.name, wrong))
    assert found.text.index("widen") < found.text.index("the formula")
    assert found.citations[0] == f"{PREFIX}overflow"
    trap = Diagnostic("a store outside the kernel's buffers: byte 9 of y")
    both = (replace(wrong[2], stage=Stage.RUN, diagnostics=(trap,)), *wrong[:2])
    assert f"{PREFIX}overflow" in told(task, Verdict("x", task.name, both)).citations


def test_what_is_alike_is_said_once() -> None:
    task = tasks.load("softmax_rows")
    notes = [
        Diagnostic(f"RuntimeError: The size of tensor a ({n}) must match the size of b", line=3)
        for n in (64, 65, 66)
    ]
    wrong = tuple(
        WorkloadVerdict(f"w{i}", Stage.RUN, diagnostics=(note,)) for i, note in enumerate(notes)
    )
    same = Diagnostic("SyntaxError: invalid syntax", line=2)
    text = told(task, Verdict("x", task.name, wrong, (same, same)), "\nx y\nz").text
    assert text.count("must match the size") == 1
    assert "[workload w0; alike: w1, w2]" in text
    assert text.count("SyntaxError") == 1


SOURCE = """import torch
from torch.utils.cpp_extension import load_inline
CPP = "torch::Tensor f(torch::Tensor x);"
CUDA = r'''
__global__ void k(const float *x, float *y, int n) {
  const int at = threadIdx.x;
  if (at < n) y[att] = x[at];
}
'''
ext = load_inline("e", CPP, CUDA, functions=["f"])
"""


def test_what_a_module_compiles_itself_does_not_trap() -> None:
    said = "Error building extension 'e':\ncuda.cu(7): error: identifier \"att\" is undefined"
    note = Diagnostic(f"RuntimeError: {said}", line=10)
    failed = (WorkloadVerdict("w", Stage.RUN, diagnostics=(note,)),)
    text = told(tasks.load("relu_i8"), Verdict("x", "t", failed), SOURCE).text
    assert "what it compiles itself does not compile" in text.splitlines()[0]
    assert "- does not compile, line 7" in text
    assert "      if (at < n) y[att] = x[at];" in text
    assert "trap" not in text


def test_a_line_of_c_that_cannot_be_told_is_that_of_the_call() -> None:
    place = "main.cpp:3:5: error: expected ';' before 'x'"
    assert line_of(f"RuntimeError: {place}", SOURCE) is None
    twice = SOURCE.replace("att", "at") + "OTHER = r'''\n\n\n\nint at;\n'''\n"
    assert line_of("k.cpp:5:1: error: 'at' was not declared", twice) is None
    assert line_of("k.cpp:2:9: error: 'k' is no type", SOURCE) == 5
    meant = "main.cpp:3:1: error: 'z' was not declared; did you mean 'at'?"
    assert line_of(meant, SOURCE.replace("float *x", "float *z")) == 5
    assert line_of("ValueError: no place", SOURCE) is None


def test_a_line_that_the_compiler_shows_is_found_by_its_text() -> None:
    said = "main.cpp:93:5: error: expected ';' before 'x'"
    assert line_of(said, SOURCE, "if (at < n) y[att] = x[at];") == 7
    assert line_of(said, SOURCE + SOURCE, "if (at < n) y[att] = x[at];") is None


def test_every_rule_names_sections_that_exist() -> None:
    known = {s.id for s in sections()}
    loops = entries("symptoms", "npu-sim", "loop")
    for target in sorted({"c++", *(s.target for s in sections())}):
        told = [*rules("diagnostics", target), *rules("patterns", target)]
        named = [s for r in told for s in r.sections]
        for kind in ("loop", "profile", "timing"):
            named += [s for e in entries("symptoms", target, kind) for s in e["sections"]]
        assert named, target
        assert set(named) <= known
    assert len({e["id"] for e in loops}) == len(loops)


def test_the_readme_names_every_file() -> None:
    readme = (content("feedback") / "README.md").read_text()
    for path in content("feedback").iterdir():
        assert path.name == "README.md" or path.name in readme
