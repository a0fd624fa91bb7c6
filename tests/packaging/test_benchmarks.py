"""The benchmarks name functions of the program; whether they still do is tested on one kernel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

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
