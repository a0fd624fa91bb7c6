"""Every record and every bundled task: its own kernel is correct, and spoiled it is rejected.

What a proposer is told of it is asked for, too: these verdicts are dear."""

from __future__ import annotations

import pytest
from defects import Defect, chosen, defects, spoiled
from judging import RECORDS, Evaluate

from kernelgepa import tasks
from kernelgepa.task import Task
from kernelgepa.tasks import npueval
from kernelgepa.verdict import Stage, Verdict
from tests.feedback.telling import check, told

SPECS = [f"{RECORDS}#{name}" for name in npueval.names(RECORDS)]
SPECS += [info.name for info in tasks.list_tasks("npu-sim")]


def complaint(defect: Defect, verdict: Verdict) -> str:
    """What is wrong with the verdict on a spoiled kernel; empty where it is as it should be."""
    if verdict.correct:
        return "passes"
    if verdict.stage is not defect.stage:
        return f"is rejected at {verdict.stage.name}: {verdict.diagnostics}"
    notes = [d for w in verdict.workloads for d in w.diagnostics]
    wrong = [m for w in verdict.workloads for m in w.mismatches]
    if defect.stage is Stage.COMPARE:
        fits = bool(wrong) and not notes and all(0 <= m.matching < m.total for m in wrong)
    else:
        fits = defect.code in {d.code for d in notes}
    return "" if fits else f"is rejected for another reason: {notes}, {wrong}"


@pytest.mark.parametrize("turn", range(len(SPECS)), ids=[s.split("#")[-1] for s in SPECS])
def test_a_kernel_is_correct_and_spoiled_it_is_not(evaluate: Evaluate, turn: int):
    task = tasks.load(SPECS[turn])
    source = task.seeds["canonical"]
    honest = evaluate(task, source)
    assert honest.correct, (honest.diagnostics, honest.workloads)
    _is_told_its_cost(task, honest, source)
    complaints = {}
    for defect in chosen(task, turn):
        made = spoiled(task, source, defect)
        verdict = evaluate(task, made)
        found = complaint(defect, verdict)
        if found:
            complaints[f"{defect.kind}: {defect.of}"] = found
        else:
            _is_told_its_defect(task, verdict, made, defect)
    assert not complaints


def _is_told_its_cost(task: Task, verdict: Verdict, source: str) -> None:
    found = told(task, verdict, source)
    check(found, source)
    assert "## Cost (modelled)" in found.text
    assert "that its loads and stores need" in found.text


def _is_told_its_defect(task: Task, verdict: Verdict, source: str, defect: Defect) -> None:
    found = told(task, verdict, source)
    check(found, source)
    assert "not correct" in found.text
    assert "## Cost" not in found.text
    if defect.stage is Stage.COMPARE:
        assert "## What this usually comes from" in found.text
        assert " expected " in found.text
        return
    assert "- trap" in found.text
    lined = [d for w in verdict.workloads for d in w.diagnostics if d.line is not None]
    for note in lined[:1]:
        assert source.split("\n")[note.line - 1].strip()[:200] in found.text


def test_the_tasks_together_get_every_defect():
    loaded = [tasks.load(spec) for spec in SPECS]
    wanted = set[str]().union(*({d.kind for d in defects(task)} for task in loaded))
    made = set[str]().union(*({d.kind for d in chosen(task, i)} for i, task in enumerate(loaded)))
    assert made == wanted
    assert len(made) > 15
