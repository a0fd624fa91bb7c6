"""The table that a run of a measured task ends with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kernelgepa.candidate import Candidate
from kernelgepa.cli.progress import left_out, result
from kernelgepa.cli.screen import Screen
from kernelgepa.engine.budget import Spend
from kernelgepa.engine.result import Result, TaskResult
from kernelgepa.protocols import Attempt
from kernelgepa.runs.settings import Settings
from kernelgepa.tasks import load
from kernelgepa.verdict import Quantity, Stage, Timing, Verdict, WorkloadVerdict

BEST = Timing(0.015, 0.0025, 6.0, 5.5, 6.5, 0.01, 40, "cpu")
AGAIN = replace(BEST, reference_seconds=0.0142, seconds=0.0031, speedup=4.6, low=4.1, high=5.2)


def attempt(share: float, *timings: Timing | None) -> Attempt:
    task = load("bias_gelu_scale")
    candidate = Candidate.kernel(f"# {share}")
    judged = tuple(
        WorkloadVerdict(
            name, Stage.CORRECT, 1.0, cost=Quantity(share, "% of reference", "measured"), timing=t
        )
        for name, t in zip(("wide", "tall"), timings, strict=True)
    )
    return Attempt(candidate, Verdict(candidate.id, task.name, judged), True)


def shown(capsys: pytest.CaptureFixture[str], again: Attempt | None) -> str:
    seed, best = attempt(100.0, None, None), attempt(20.0, BEST, None)
    task = load("bias_gelu_scale")
    found = TaskResult(
        task, seed, best, (best,), {}, (seed, best), again is not None,
        again=again.verdict if again else None,
    )  # fmt: skip
    result(Screen(), Result({task.name: found}, Spend(), "done", Path("run"), {}), "x", Settings())
    return capsys.readouterr().out


def test_it_gives_the_times_of_the_last_measurement(capsys: pytest.CaptureFixture[str]) -> None:
    out = shown(capsys, attempt(22.0, AGAIN, AGAIN))
    heads, first, second = out.splitlines()[:3]
    assert heads.split("  ")[-1] == "over the reference, measured again"
    for row, name in ((first, "wide"), (second, "tall")):
        assert row.split() == [
            name, "100", "20", "5.00x", "14.2", "ms", "3.1", "ms", "4.60x", "[4.10,", "5.20]",
            "faster",
        ]  # fmt: skip


def test_a_workload_without_times_keeps_its_row(capsys: pytest.CaptureFixture[str]) -> None:
    heads, first, second = shown(capsys, None).splitlines()[:3]
    assert heads.split("  ")[-1] == "over the reference, measured"
    assert "15 ms" in first and "2.5 ms" in first and "6.00x [5.50, 6.50] faster" in first
    assert second.split() == ["tall", "100", "20", "5.00x", "-", "-", "not", "timed"]


def test_what_every_figure_must_be_shown_with_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    again = attempt(22.0, AGAIN, AGAIN)
    labelled = (replace(w, labels=("shrunk 8x: n 64 -> 8",)) for w in again.verdict.workloads)
    out = shown(capsys, replace(again, verdict=replace(again.verdict, workloads=tuple(labelled))))
    assert out.count("shrunk") == 1 and "label: shrunk 8x: n 64 -> 8\n" in out


def test_where_something_is_that_is_no_task_is_said_once() -> None:
    assert left_out("rows.jsonl line 9", "rows.jsonl line 9: no code") == (
        "left out: rows.jsonl line 9: no code"
    )
    assert left_out("mine", "it has no task.toml") == "left out: mine: it has no task.toml"
