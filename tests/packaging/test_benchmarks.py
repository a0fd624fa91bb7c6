"""The benchmarks name functions of the program; whether they still do is tested on one kernel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.engine_overhead import ours

ROOT = Path(__file__).resolve().parents[2]
STAGES = ("compile", "parse", "schedule", "lower", "generate", "link", "load", "run", "draw")


def test_the_speed_of_an_evaluation_is_printed_by_stage(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.evaluation", "--count", "3", "relu_i8"],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert lines[0].startswith("3 sources of 1 tasks, 3 different programs; ")
    for stage in STAGES:
        (line,) = [x for x in lines if x.startswith(f"{stage} ")]
        assert float(line.split()[-2]) > 0


def test_the_engines_overhead_is_measured_where_asked():
    found = ours(3, (15,))
    assert found[15].ms > 0
    assert found[15].kib > 4  # the candidate's own text, at least


def test_parallel_steps_prints_whether_the_decisions_are_the_same():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.parallel_steps", "--seconds", "0.02",
         "--candidates", "8"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    rows = [line.split() for line in done.stdout.splitlines()[2:5]]
    assert [row[0] for row in rows] == ["1", "2", "4"], done.stderr
    assert int(rows[0][3]) > 8
    assert [row[3:] for row in rows[1:]] == [["the", "same"]] * 2


def test_the_rates_of_measured_verdicts_are_printed_with_their_limits():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.measured", "rates", "--count", "1", "--seconds", "0.1"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    rows = done.stdout.splitlines()[2:5]
    assert [row[:24].strip() for row in rows] == [
        "the same, other words", "15 % slower", "30 % faster",
    ], done.stderr  # fmt: skip
    for row in rows:
        pairs, *verdicts = (int(n) for n in row[24:].split()[:4])
        assert pairs == 1 == sum(verdicts)
