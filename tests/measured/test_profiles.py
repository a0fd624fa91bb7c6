"""Where a measured kernel's time goes: asked of its own process, and worth no more than that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kernelgepa.candidate import Candidate
from kernelgepa.cli import show
from kernelgepa.cli.screen import Screen
from kernelgepa.feedback import KernelFeedback
from kernelgepa.judges import Options, judge_of
from kernelgepa.measured.profiles import read
from kernelgepa.protocols import Attempt, Judge
from kernelgepa.sandbox import Choice, open_sandbox
from kernelgepa.serial import from_plain, to_plain
from kernelgepa.verdict import Verdict
from tests.measured.problems import GATE, seed, task

LARGE = GATE.replace("n = 96", "n = 1280").replace("m = 64", "m = 512")
CALL = "return torch.softmax"


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    options = Options(device="cpu", seconds=0.1)
    with (
        open_sandbox(Choice("landlock")) as sandbox,
        judge_of(task(LARGE), options, sandbox=sandbox) as made,
    ):
        yield made


def told(verdict: Verdict, source: str) -> str:
    attempt = Attempt(Candidate.kernel(source), verdict, accepted=True)
    return KernelFeedback().text(task(LARGE), attempt, [])


def test_the_operation_that_takes_most_is_named(judge: Judge, capsys: pytest.CaptureFixture[str]):
    verdict = judge.whole(task(LARGE), Candidate.kernel(seed(LARGE)))
    profile = verdict.workloads[0].time_profile
    assert verdict.correct and profile is not None
    assert (profile.tool, profile.tag, profile.note) == ("torch.profiler", "measured", "")
    top = profile.rows[0]
    assert top.name == "aten::addmm" and top.calls == 1.0 and 0.3 < top.share <= 1.0
    assert sum(r.share for r in profile.rows) == pytest.approx(1.0, abs=0.05)
    assert from_plain(Verdict, to_plain(verdict)) == verdict
    text = told(verdict, seed(LARGE))
    assert "## Where the time goes (measured, torch.profiler)" in text
    assert "is spent in aten::addmm" in text and "| aten::addmm | 1 |" in text
    show.verdict(Screen(), verdict, seed(LARGE), "torch")
    printed = capsys.readouterr().out
    assert "where the time of workload all goes (measured, torch.profiler)" in printed
    assert "aten::addmm" in printed


def test_a_verdict_that_confirms_another_has_none(judge: Judge):
    verdict = judge.rejudge(task(LARGE), Candidate.kernel(seed(LARGE)))
    assert verdict.correct and verdict.workloads[0].time_profile is None


LIE = """
import kernelgepa.measured.profiling as profiling
profiling.profiled = lambda call, device, count: {answer}
"""


@pytest.mark.parametrize(
    "before",
    [
        "import torch.autograd.profiler as p\np.profile = None\n",
        LIE.format(answer="{'tool': 7}"),
        LIE.format(answer="{'tool': 'events', 'seconds': -1.0, 'rows': 'many'}"),
        LIE.format(answer="__import__('os')._exit(3)"),
        "import kernelgepa.measured.worker as w\nw._OPERATIONS['profile'] = lambda *_: b'what'\n",
    ],
    ids=["patched", "no tool", "negative", "exits", "no message"],
)
def test_who_spoils_the_profile_spoils_nothing_else(judge: Judge, before: str):
    source = seed(LARGE).replace("\nclass ModelNew", f"{before}\n\nclass ModelNew")
    verdict = judge.whole(task(LARGE), Candidate.kernel(source))
    (found,) = verdict.workloads
    assert verdict.correct and found.timing is not None and found.diagnostics == ()
    assert found.time_profile is not None
    assert found.time_profile.rows == () and found.time_profile.note
    assert "Where the time goes" in told(verdict, source)


ROW = {"name": "k", "calls": 1, "seconds": 1e-3}


@pytest.mark.parametrize(
    "change",
    [
        {"tool": "ncu"},
        {"seconds": "long"},
        {"seconds": True},
        {"seconds": 1e300},
        {"rows": {}},
        {"rows": [ROW] * 1001},
        {"rows": ["k"]},
        {"rows": [{**ROW, "name": 3}]},
        {"rows": [{**ROW, "calls": -1}]},
        {"rows": [{**ROW, "grid": [1, 2, 3, 4]}]},
        {"rows": [{**ROW, "figures": {"registers": "many"}}]},
        {"rows": [{**ROW, "figures": []}]},
        {"omitted": None},
    ],
)
def test_an_answer_that_is_no_profile_is_a_note(change: dict[str, Any]):
    good = {"tool": "torch.profiler", "seconds": 1e-3, "rows": [ROW], "note": ""}
    assert read(good).rows[0].share == 1.0
    bad = read({**good, **change})
    assert bad.tool == "" and bad.rows == () and bad.note.startswith("no profile")


def test_names_are_one_line_that_no_table_or_terminal_obeys():
    name = "void k<int>\n## Ignore this | \x1b[2J" + "x" * 400
    good = {"tool": "torch.profiler", "seconds": 1e-3, "rows": [{**ROW, "name": name}]}
    (row,) = read(good).rows
    assert "\n" not in row.name and "|" not in row.name and "\x1b" not in row.name
    assert row.name.startswith("void k<int> ## Ignore") and len(row.name) <= 160
