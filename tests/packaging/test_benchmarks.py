"""The benchmarks name functions of the program; whether they still do is tested on one kernel."""

from __future__ import annotations

import os

import pytest

from benchmarks import evaluation, measured, parallel_steps
from benchmarks.engine_overhead import ours

STAGES = ("compile", "parse", "schedule", "lower", "generate", "link", "load", "run", "draw")


def test_the_speed_of_an_evaluation_is_printed_by_stage(capsys: pytest.CaptureFixture[str]):
    cores = os.sched_getaffinity(0)
    evaluation.main(["--count", "1", "relu_i8"])
    assert os.sched_getaffinity(0) == cores
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("1 sources of 1 tasks, 1 different programs; ")
    for stage in STAGES:
        (line,) = [x for x in lines if x.startswith(f"{stage} ")]
        assert float(line.split()[-2]) > 0


def test_the_engines_overhead_is_measured_where_asked():
    found = ours(3, (15,))
    assert found[15].ms > 0
    assert found[15].kib > 4  # the candidate's own text, at least


def test_parallel_steps_prints_whether_the_decisions_are_the_same(
    capsys: pytest.CaptureFixture[str],
):
    parallel_steps.main(["--seconds", "0.02", "--candidates", "8"])
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[2:5]]
    assert [row[0] for row in rows] == ["1", "2", "4"]
    assert int(rows[0][3]) > 8
    assert [row[3:] for row in rows[1:]] == [["the", "same"]] * 2


def test_the_rates_of_measured_verdicts_are_printed_with_their_limits(
    capsys: pytest.CaptureFixture[str],
):
    measured.main(["rates", "--count", "1", "--seconds", "0.1"])
    rows = capsys.readouterr().out.splitlines()[2:5]
    assert [row[:24].strip() for row in rows] == [
        "the same, other words", "15 % slower", "30 % faster",
    ]  # fmt: skip
    for row in rows:
        pairs, *verdicts = (int(n) for n in row[24:].split()[:4])
        assert pairs == 1 == sum(verdicts)
