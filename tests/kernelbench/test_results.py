"""Result and baseline files in KernelBench's layout: written, merged, resumed, read back."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from kernelgepa.errors import InputError
from kernelgepa.kernelbench import baselines, results
from kernelgepa.kernelbench.baselines import Timing
from kernelgepa.kernelbench.results import Sample
from tests.kernelbench.places import ours

STATS = {"mean": 1.25, "std": 0.1, "min": 1.0, "max": 2.0, "num_trials": 100}
GOOD = Sample(
    0, True, True, 1.25, STATS, {"hardware": "x"}, {"kernelgepa": {"interval": [1.0, 1.4]}}
)
WRONG = Sample(1, True, False, metadata={"correctness_issue": "values"})


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return results.directory(tmp_path / "runs", "mine", 1)


def test_the_layout_is_theirs(tmp_path: Path, run: Path):
    assert run == tmp_path / "runs" / "mine_level1"
    path = results.write_kernel(run, 1, 19, 0, "class ModelNew: ...\r\n")
    assert path == run / "level_1_problem_19_sample_0_kernel.py"
    assert path.read_bytes() == b"class ModelNew: ...\r\n"
    results.write_kernel(run, 1, 3, 12, "")
    (run / "notes.py").write_text("")
    assert [(k.level, k.problem_id, k.sample_id) for k in results.kernels(run)] == [
        (1, 3, 12), (1, 19, 0),
    ]  # fmt: skip
    with pytest.raises(InputError, match="is no directory"):
        results.kernels(tmp_path / "none")
    with pytest.raises(InputError, match="the name of a run"):
        results.directory(tmp_path, "../out", 1)


def test_the_file_is_what_their_scripts_read(run: Path):
    results.merge(run, {19: [GOOD, WRONG]})
    assert json.loads((run / "eval_results.json").read_text()) == {
        "19": [
            {
                "sample_id": 0, "compiled": True, "correctness": True,
                "metadata": {"hardware": "x"}, "runtime": 1.25, "runtime_stats": STATS,
                "kernelgepa": {"interval": [1.0, 1.4]},
            },
            {
                "sample_id": 1, "compiled": True, "correctness": False,
                "metadata": {"correctness_issue": "values"}, "runtime": -1.0, "runtime_stats": {},
            },
        ]
    }  # fmt: skip
    assert results.read(run) == {19: (GOOD, WRONG)}


def test_merging_adds_replaces_and_sorts_by_number(run: Path):
    assert results.read(run) == {}
    results.merge(run, {100: [WRONG], 9: [GOOD]})
    better = Sample(1, True, True, 0.5)
    made = results.merge(run, {9: [better], 20: [GOOD], 100: [better]})
    assert made == results.read(run) == {9: (GOOD, better), 20: (GOOD,), 100: (better,)}
    assert list(json.loads((run / "eval_results.json").read_text())) == ["9", "20", "100"]
    assert results.judged(made) == {(9, 0), (9, 1), (20, 0), (100, 1)}
    assert [p.name for p in run.iterdir()] == ["eval_results.json"]


def test_a_run_that_was_killed_goes_on_with_what_was_written(run: Path):
    results.merge(run, {1: [GOOD]})
    (run / ".eval_results.json.77.part").write_text('{"2": [{"sample')
    assert results.judged(results.read(run)) == {(1, 0)}
    results.merge(run, {2: [WRONG]})
    assert results.judged(results.read(run)) == {(1, 0), (2, 1)}


def test_problems_without_a_sample_are_filled_in_and_not_taken_as_judged(run: Path):
    results.merge(run, {2: [GOOD], 4: [WRONG]})
    made = results.complete(run, range(1, 5))
    assert list(made) == [1, 2, 3, 4]
    assert made[2] == (GOOD,)
    assert [s.sample_id for s in made[4]] == [0, 1]
    assert results.judged(results.read(run)) == {(2, 0), (4, 1)}
    assert results.complete(run, range(1, 5)) == made
    filled = json.loads((run / "eval_results.json").read_text())["3"][0]
    assert (filled["compiled"], filled["correctness"], filled["runtime"]) == (False, False, -1.0)


@pytest.mark.parametrize(
    ("sample", "says"),
    [
        (Sample(0, True, True), "has a runtime above 0"),
        (Sample(0, False, True, 1.0), "has compiled"),
        (Sample(0, True, True, math.inf), "has a runtime above 0"),
        (Sample(0, True, False, 1.0), "that is not correct is -1"),
        (Sample(0, True, False, extra={"runtime": 2.0}), "none of KernelBench's: runtime"),
        (Sample(0, True, False, metadata={"x": math.nan}), "not JSON compliant"),
    ],
)
def test_a_sample_that_contradicts_itself_is_not_written(run: Path, sample: Sample, says: str):
    results.merge(run, {1: [GOOD]})
    before = (run / "eval_results.json").read_bytes()
    with pytest.raises(ValueError, match=says):
        results.merge(run, {2: [sample]})
    assert (run / "eval_results.json").read_bytes() == before


def test_files_of_others_are_read_and_kept_as_they_are(run: Path):
    run.mkdir(parents=True)
    theirs = {
        "7": {"sample_id": 0, "compiled": True, "correctness": True, "runtime": -1.0},
        "3": [{"sample_id": 0, "compiled": False, "correctness": False, "metadata": None,
               "runtime": -1, "runtime_stats": None, "note": [1, 2]}],
    }  # fmt: skip
    (run / "eval_results.json").write_text(json.dumps(theirs))
    made = results.merge(run, {5: [GOOD]})
    assert list(made) == [3, 5, 7]
    assert made[7] == (Sample(0, True, True, -1.0),)
    assert made[3] == (Sample(0, False, False, extra={"note": [1, 2]}),)
    assert results.read(run) == made


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "found text that is not JSON; it was left as it is"),
        ("[]", "found no JSON object"),
        ('{"a": []}', "found the key 'a'"),
        ('{"1": [5]}', "problem 1: expected an object with sample_id, found 5"),
        ('{"1": [{}]}', "sample_id: expected a whole number, found None"),
        ('{"1": [{"sample_id": 0, "runtime": "x"}]}', "runtime: expected milliseconds, found 'x'"),
        ('{"1": [{"sample_id": 0, "compiled": 1}]}', "compiled: expected true or false, found 1"),
        ('{"1": [{"sample_id": 0, "metadata": [1]}]}', "metadata: expected an object"),
        ('{"1": [{"sample_id": 0}, {"sample_id": 0}]}', "the same sample_id twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_left_alone(run: Path, text: str, says: str):
    run.mkdir(parents=True)
    (run / "eval_results.json").write_text(text)
    with pytest.raises(InputError) as error:
        results.merge(run, {1: [GOOD]})
    assert says in str(error.value)
    assert (run / "eval_results.json").read_text() == text


def test_timings_are_rounded_as_theirs():
    made = Timing.of([1.0, 2.0, 4.0], "card", "cuda:0")
    # Mean 7/3; variance of the whole (1 + 4 + 16)/3 - 49/9 = 14/9, its root 1.2472.
    assert made == Timing(2.33, 1.25, 1.0, 4.0, 3, "card", "cuda:0")
    for times in ([], [1.0, 0.0], [math.nan]):
        with pytest.raises(ValueError, match="finite and above 0"):
            Timing.of(times)


def test_baselines_are_written_by_number_and_added_to(tmp_path: Path):
    path = baselines.path(tmp_path / "results", "H100", "baseline_time_torch.json")
    assert path == tmp_path / "results" / "timing" / "H100" / "baseline_time_torch.json"
    slow, quick = Timing.of([2.0], "card"), Timing.of([1.0])
    baselines.emit(path, {ours(1, 10): slow, ours(1, 9): slow})
    baselines.emit(path, {ours(2, 1): slow, ours(1, 2): slow, ours(1, 9): quick})
    found = json.loads(path.read_text())
    assert {level: list(times) for level, times in found.items()} == {
        "level1": ["2_row_softmax.py", "9_window_average.py", "10_half_batches.py"],
        "level2": ["1_dense_gate_scale.py"],
    }
    assert found["level1"]["2_row_softmax.py"] == {
        "mean": 2.0, "std": 0.0, "min": 2.0, "max": 2.0, "num_trials": 1, "hardware": "card",
    }  # fmt: skip
    assert baselines.read(path) == {
        (1, "2_row_softmax.py"): slow, (1, "9_window_average.py"): quick,
        (1, "10_half_batches.py"): slow, (2, "1_dense_gate_scale.py"): slow,
    }  # fmt: skip


def test_baselines_of_others_may_lack_times(tmp_path: Path):
    path = tmp_path / "b.json"
    path.write_text('{"level1": {"1_a.py": null, "2_b.py": {"mean": 3}}}')
    ((key, timing),) = baselines.read(path).items()
    assert (key, timing.mean, timing.num_trials) == ((1, "2_b.py"), 3.0, 0)
    baselines.emit(path, {ours(1, 3): Timing.of([1.0])})
    assert list(json.loads(path.read_text())["level1"]) == [
        "1_a.py",
        "2_b.py",
        "3_channel_groups.py",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ('{"one": {}}', "found the key 'one'"),
        ('{"level1": 3}', "level1: expected baseline times"),
        ('{"level1": {"1_a.py": {"mean": 0}}}', "1_a.py: mean: expected milliseconds above 0"),
        ('{"level1": {"1_a.py": 4}}', "mean: expected milliseconds above 0, found None"),
    ],
)
def test_baselines_that_cannot_be_read_are_said(tmp_path: Path, text: str, says: str):
    path = tmp_path / "b.json"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        baselines.read(path)
    assert says in str(error.value)
    with pytest.raises(InputError, match="does not exist"):
        baselines.read(tmp_path / "none.json")
