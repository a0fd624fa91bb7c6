"""Half a character (a lone surrogate) in what a user gives is one sentence, wherever it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cli_support import RECORDS, Done

import kernelgepa
from kernelgepa import tasks
from kernelgepa.errors import InputError
from kernelgepa.task import Task

HALF = "a\udc80"
PROBLEM = """\
import torch


class Model(torch.nn.Module):
    def forward(self, x):
        return x + 1


def get_inputs():
    return [torch.rand(64)]


def get_init_inputs():
    return []
"""
ROW = {"code": PROBLEM, "level": 1, "name": "one", "problem_id": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"name": HALF}, {"code": PROBLEM + f"# {HALF}\n"}, {"level": HALF}, {"problem_id": HALF},
    ],
    ids=lambda c: next(iter(c)),
)  # fmt: skip
@pytest.mark.parametrize(
    "words", ["optimize kernelbench:rows.jsonl", "bench kernelbench rows.jsonl --run x"]
)
def test_in_a_row_of_problems(
    work: Path, command: Callable[..., Done], change: dict[str, str], words: str
):
    (work / "rows.jsonl").write_text(json.dumps({**ROW, **change}) + "\n")
    one_sentence(command(*words.split(), "--device", "cpu", "--budget", "1"))


@pytest.mark.parametrize("key", ["kernel_name", "prompt", "canonical_solution"])
def test_in_a_record(work: Path, command: Callable[..., Done], key: str):
    record = json.loads(RECORDS.read_text().splitlines()[0])
    (work / "records.jsonl").write_text(json.dumps({**record, key: record[key] + HALF}) + "\n")
    one_sentence(command("optimize", "records.jsonl", "--budget", "1"))
    one_sentence(command("bench", "npueval", "records.jsonl", "--run", "x", "--budget", "1"))


def one_sentence(done: Done) -> None:
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ") and len(done.err.splitlines()) == 1, done.err
    assert "surrogate" in done.err or "expected a whole number" in done.err


TASK = tasks.load("relu_i8")
WORKLOAD = replace(TASK.workloads[0], name=HALF)


@pytest.mark.parametrize(
    ("task", "says"),
    [
        (replace(TASK, name=HALF), r"the name of task 'a\\udc80' has half a character"),
        (replace(TASK, description=HALF), "task relu_i8: its description has half a character"),
        (replace(TASK, digest=HALF), "task relu_i8: its digest has half a character"),
        (replace(TASK, workloads=(WORKLOAD,)), r"the name of workload 'a\\udc80' has half"),
        (replace(TASK, seeds={"canonical": HALF}), "task relu_i8: its seed has half a character"),
    ],
    ids=["name", "description", "digest", "workload", "seed"],
)
def test_in_a_task_of_python(work: Path, task: Task, says: str):
    with pytest.raises(InputError, match=says):
        kernelgepa.optimize(task, budget=1)
    with pytest.raises(InputError, match=says):
        kernelgepa.evaluate(task, TASK.seeds["canonical"])
    assert not (work / "runs").exists()


def test_in_a_kernel_of_python(work: Path):
    text = TASK.seeds["canonical"] + f"// {HALF}\n"
    with pytest.raises(InputError, match="the kernel has half a character"):
        kernelgepa.evaluate(TASK, text)
    with pytest.raises(InputError, match="the seed has half a character"):
        kernelgepa.optimize(TASK, budget=1, seed_kernel=text)
    assert not (work / "runs").exists()
