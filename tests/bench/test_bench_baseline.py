"""Times of references in KernelBench's format, and its score of a bench's own files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kernelgepa.kernelbench import baselines, metrics, problems, results
from kernelgepa.kernelbench.results import Sample
from tests.bench.places import finish, miniature, start
from tests.kernelbench.places import CHECKOUT

BREAKS = """\
import torch


class Model(torch.nn.Module):
    def forward(self, x):
        return x.no_such_thing()


def get_inputs():
    return [torch.rand(4)]


def get_init_inputs():
    return []
"""


def theirs(run: Path, times: Path, level: int) -> float:
    """fast_1 as their analysis has it: sample 0, paired with the baseline by position."""
    found = json.loads((run / results.RESULTS).read_text())
    means = [t["mean"] for t in json.loads(times.read_text())[f"level{level}"].values()]
    assert len(found) == len(means)
    faster = 0
    for entries, mean in zip(found.values(), means, strict=True):
        assert entries[0]["sample_id"] == 0
        faster += entries[0]["correctness"] and mean / entries[0]["runtime"] > 1.0
    return faster / len(found)


def test_a_baseline_is_read_back_and_scores_a_run(tmp_path: Path):
    checkout = miniature(tmp_path / "Mini")
    (checkout / "KernelBench/level1/3_breaks.py").write_text(BREAKS)
    large = (CHECKOUT / "KernelBench/level1/4_running_total.py").read_text()
    (checkout / "KernelBench/level1/4_running_total.py").write_text(large)
    said = finish(start(
        tmp_path, "emit-baseline", str(checkout), "--levels", "1", "--device", "cpu", "--hardware",
        "here", "--trials", "7", "--out", str(tmp_path),
    ), 1)  # fmt: skip
    file = tmp_path / "timing" / "here" / "baseline_time_torch.json"
    assert "3 problems, 1 not timed: " in said and "no_such_thing" in said
    raw = json.loads(file.read_text())["level1"]
    assert list(raw) == ["2_row_softmax.py", "3_breaks.py", "4_running_total.py"]
    assert raw["3_breaks.py"] is None
    assert "shrunk" in raw["4_running_total.py"]["kernelgepa"]["shrunk"]
    read = baselines.read(file)
    softmax = read[1, "2_row_softmax.py"]
    assert (softmax.num_trials, softmax.device, softmax.shrunk) == (7, "cpu", "")
    assert softmax.min <= softmax.mean <= softmax.max
    assert softmax.plain() == raw["2_row_softmax.py"]
    assert read[1, "4_running_total.py"].plain() == raw["4_running_total.py"]
    run = tmp_path / "mine_level1"
    results.merge(run, {
        2: [Sample(0, True, True, softmax.mean / 2)],
        4: [Sample(0, True, True, read[1, "4_running_total.py"].mean * 2)],
    })  # fmt: skip
    (checkout / "KernelBench/level1/3_breaks.py").unlink()
    file.write_text(json.dumps({"level1": {k: v for k, v in raw.items() if v}}))
    found = problems.find(f"kernelbench:{checkout}#L1").problems
    made = metrics.outcomes(found, {1: results.read(run)}, baselines.read(file))
    assert [o.speedup for o in made] == pytest.approx([2.0, 0.5])
    assert theirs(run, file, 1) == metrics.fast_p(made, 1.0) == 0.5
