"""Every record and every bundled task: its own kernel is correct, and spoiled it is rejected."""

from __future__ import annotations

import pytest
from defects import Defect, chosen, defects, spoiled
from judging import RECORDS, Evaluate

from kernelgepa import tasks
from kernelgepa.tasks import npueval
from kernelgepa.verdict import Stage, Verdict

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
    complaints = {}
    for defect in chosen(task, turn):
        found = complaint(defect, evaluate(task, spoiled(task, source, defect)))
        if found:
            complaints[f"{defect.kind}: {defect.of}"] = found
    assert not complaints


def test_the_tasks_together_get_every_defect():
    loaded = [tasks.load(spec) for spec in SPECS]
    wanted = set[str]().union(*({d.kind for d in defects(task)} for task in loaded))
    made = set[str]().union(*({d.kind for d in chosen(task, i)} for i, task in enumerate(loaded)))
    assert made == wanted
    assert len(made) > 15
