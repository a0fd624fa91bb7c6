"""What a proposer is told: the error, the wrong elements or the bottleneck; where to read on."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernelgepa import tasks
from kernelgepa.candidate import Candidate
from kernelgepa.content import content
from kernelgepa.docs_index import sections
from kernelgepa.feedback import CHARACTERS, TOKENS, KernelFeedback
from kernelgepa.feedback.manual import PREFIX
from kernelgepa.feedback.tables import entries, pattern, rules
from kernelgepa.npu.frontend import compile_kernel
from kernelgepa.npu.target import NpuSim
from kernelgepa.protocols import Attempt, Case, Told
from kernelgepa.task import Interface, Parameter, Task
from kernelgepa.tasks import npueval
from kernelgepa.verdict import Diagnostic, Mismatch, Stage, Verdict, WorkloadVerdict

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS / "judge"))

from defects import chosen, spoiled  # noqa: E402
from judging import RECORDS, Evaluate  # noqa: E402

MACHINE = re.compile(r"(?<![\w.:/])/(?:[\w.+-]+/)+[\w.+-]+|\w+\.hpp:\d+|__kg_|site-packages|__aie_")
ADDRESS = re.compile(r"https://\S+")
KNOWN = {f"{PREFIX}{s.id}" for s in sections()}


def told(task: Task, verdict: Verdict, source: str = "") -> Told:
    attempt = Attempt(Candidate({"kernel": source}), verdict, False)
    return KernelFeedback().tell(task, attempt, [attempt])


def fits(found: Told, source: str) -> None:
    """Within the budget, and without a path that the candidate itself does not name."""
    assert len(found.text) <= CHARACTERS == 4 * TOKENS
    foreign = [p for p in MACHINE.findall(ADDRESS.sub("", found.text)) if p not in source]
    assert foreign == [], found.text
    assert tempfile.gettempdir() not in found.text


def check(found: Told, source: str) -> None:
    """It fits, and has what it cites."""
    fits(found, source)
    assert 1 <= len(found.citations) <= 3, found.text
    assert set(found.citations) <= KNOWN
    for cited in found.citations:
        assert f"[{cited}]" in found.text
    assert found.text.count("```") == 2 * len(found.citations)
    assert found.text.count("\nSee ") == len(found.citations)


@pytest.fixture(scope="module")
def target() -> Iterator[NpuSim]:
    with NpuSim() as made:
        yield made


SPECS = [f"{RECORDS}#{name}" for name in npueval.names(RECORDS)]
SPECS += [info.name for info in tasks.list_tasks("npu-sim")]


@pytest.mark.parametrize("turn", range(len(SPECS)), ids=[s.split("#")[-1] for s in SPECS])
def test_of_a_correct_and_of_a_spoiled_kernel(target: NpuSim, turn: int) -> None:
    evaluate = Evaluate(target)
    task = tasks.load(SPECS[turn])
    source = task.seeds["canonical"]
    found = told(task, evaluate(task, source), source)
    check(found, source)
    assert "## Cost (modelled)" in found.text
    assert "that its loads and stores need" in found.text
    made = chosen(task, turn)
    defect = made[turn % len(made)]
    verdict = evaluate(task, spoiled(task, source, defect))
    found = told(task, verdict, spoiled(task, source, defect))
    check(found, source)
    assert "not correct" in found.text
    assert "## Cost" not in found.text
    if defect.stage is Stage.COMPARE:
        assert "## What this usually comes from" in found.text
        assert " expected " in found.text
    else:
        assert "- trap" in found.text
        lined = [d for w in verdict.workloads for d in w.diagnostics if d.line is not None]
        text = spoiled(task, source, defect).split("\n")
        for note in lined[:1]:
            assert text[note.line - 1].strip()[:200] in found.text


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
        compiled = compile_kernel(source, interface, Path(folder))
    workload = WorkloadVerdict("all", compiled.stage)
    task = tasks.load("relu_i8")
    found = told(task, Verdict("x", task.name, (workload,), compiled.diagnostics), source)
    check(found, source)
    first = compiled.diagnostics[0]
    assert first.message in found.text
    assert first.source in found.text


ATTACKS = sorted((TESTS / "attacks" / "kernels").glob("*.cc"))[::6]


@pytest.mark.parametrize("path", ATTACKS, ids=lambda p: p.stem)
def test_of_an_attack(target: NpuSim, path: Path) -> None:
    interface = Interface("k", (Parameter("in", "in", "int8"), Parameter("out", "out", "int8")))
    case = Case("one", {"in": bytes(range(64))}, {"out": 64}, {}, profile=True)
    done = target.execute(Candidate({"kernel": path.read_text()}), interface, [case])
    notes = done.diagnostics
    traps = done.cases[0].diagnostics if done.cases else ()
    if not notes and not traps:
        return  # harmless: the judge compares what it wrote
    task = tasks.load("relu_i8")
    verdict = Verdict("x", task.name, (WorkloadVerdict("one", done.stage, 0.0, traps),), notes)
    fits(told(task, verdict), path.read_text())


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


def test_every_rule_names_sections_that_exist() -> None:
    known = {s.id for s in sections()}
    loops = entries("symptoms", "npu-sim", "loop")
    for target in sorted({s.target for s in sections()}):
        told = [*rules("diagnostics", target), *rules("patterns", target)]
        named = [s for r in told for s in r.sections]
        for kind in ("loop", "profile", "timing"):
            named += [s for e in entries("symptoms", target, kind) for s in e["sections"]]
        assert named
        assert set(named) <= known
    assert len({e["id"] for e in loops}) == len(loops)


def test_the_readme_names_every_file() -> None:
    readme = (content("feedback") / "README.md").read_text()
    for path in content("feedback").iterdir():
        assert path.name == "README.md" or path.name in readme
