"""Prompts and feedback of targets whose reference is a module of torch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kernelgepa.candidate import Candidate
from kernelgepa.docs_index import sections
from kernelgepa.feedback import CHARACTERS, KernelFeedback
from kernelgepa.llm import prompt
from kernelgepa.llm.extract import extract
from kernelgepa.llm.samples import samples
from kernelgepa.llm.templates import Templates
from kernelgepa.protocols import Attempt, Request
from kernelgepa.task import Interface, ModuleReference, Task, Workload
from kernelgepa.verdict import (
    Diagnostic,
    Mismatch,
    Quantity,
    Stage,
    Timing,
    Verdict,
    WorkloadVerdict,
)

CODE = """
import torch
N = 4
class Model(torch.nn.Module):
    def forward(self, x):
        return torch.relu(x) * 3
def get_inputs():
    return [torch.rand(N)]
def get_init_inputs():
    return []
"""
KERNELS = {
    "torch": {"kernel": "class ModelNew:\n    pass\n"},
    "cuda": {"kernel": "extern int cuda_text;\n", "launch": "launch_text = 1\n"},
    "triton": {"kernel": "triton_text = 1\n", "launch": "launch_text = 1\n"},
}
LABELS = {"torch": "python", "cuda": "cuda", "triton": "python"}
TIMING = Timing(1.23e-3, 0.98e-3, 1.25, 1.21, 1.29, 0.004, 24, "Some CPU, 4 cores", 0.31e-3)


def task_of(target: str) -> Task:
    workloads = (
        Workload("big", {}, {"N": 1048576}),
        Workload("unseen", {}, {"N": 77}, uses=frozenset({"hidden"})),
    )
    return Task("relu", target, Interface("ModelNew", ()), workloads, ModuleReference(CODE), {})


def attempt_of(target: str, *found: WorkloadVerdict, notes: tuple[Diagnostic, ...] = ()):
    verdict = Verdict("c", "relu", found, notes, {"device": "Some CPU, 4 cores"})
    return Attempt(Candidate(KERNELS[target]), verdict, True)


def timed(**changes: object) -> WorkloadVerdict:
    timing = replace(TIMING, **changes)  # type: ignore[arg-type]
    return WorkloadVerdict("big", Stage.CORRECT, 1.0, timing=timing)


def said(target: str, attempt: Attempt) -> str:
    told = KernelFeedback().tell(task_of(target), attempt, [attempt])
    assert len(told.text) <= CHARACTERS
    own = {f"handbook:{s.id}" for s in sections() if s.target == target}
    assert set(told.citations) <= own
    return told.text


@pytest.mark.parametrize("target", KERNELS)
def test_a_prompt_shows_what_a_writer_must_know(target: str) -> None:
    parent = attempt_of(target, timed())
    request = Request(1, task_of(target), parent, "kernel", "slow", (parent,))
    system, user = (m["content"] for m in prompt.messages(request, Templates()))
    assert f"labelled `{LABELS[target]}`" in system
    assert "float64" in system and "interval" in system and "Refused" in system
    for wanted in ("torch.relu(x) * 3", "N = 1048576", "Some CPU, 4 cores", "1.25x [1.21, 1.29]"):
        assert wanted in user
    assert "77" not in user and "unseen" not in user
    if target == "torch":
        assert "class ModelNew(nn.Module)" in system
    else:
        assert "launch_text = 1" in user and "args = " in system and "grid = " in system


@pytest.mark.parametrize("target", ["cuda", "triton"])
def test_a_launch_is_rewritten_in_toml(target: str) -> None:
    parent = attempt_of(target, timed())
    request = Request(1, task_of(target), parent, "launch", "slow", (parent,))
    system, user = (m["content"] for m in prompt.messages(request, Templates()))
    assert "labelled `toml`" in system and f"{target}_text" in user
    answer = "Change: larger blocks.\n```toml\nlaunch_text = 2\n```\n"
    assert extract(answer, "launch_text = 1\n", target, "launch").text == "launch_text = 2\n"
    other = f"```{LABELS[target]}\nx\n```\n"
    assert extract(other, "launch_text = 1\n", target, "launch").failure == "prose"


@pytest.mark.parametrize("target", KERNELS)
def test_a_time_is_told_with_its_interval(target: str) -> None:
    text = said(target, attempt_of(target, timed()))
    assert (
        "reference 1.23 ms, yours 980 us: 1.25x [1.21, 1.29] measured, noise 0.4 %, "
        "floor 310 us modelled; faster" in text
    )
    assert "Some CPU, 4 cores" in text and "## What limits it" in text
    unsure = said(target, attempt_of(target, timed(speedup=1.02, low=0.99, high=1.05)))
    assert "inconclusive" in unsure and "; faster" not in unsure
    hides = said(target, attempt_of(target, timed(low=0.9, hidden_seconds=4e-4)))
    assert "inconclusive: up to 400 us a call may lie beside what it says" in hides
    slow = said(target, attempt_of(target, timed(speedup=0.5, low=0.48, high=0.52)))
    assert "; slower" in slow and "slower than the reference beyond doubt" in slow


def test_the_floor_says_what_bounds_a_kernel() -> None:
    reason = "a card needs 0.0009 s at least to move 3e+09 bytes (modelled)"
    near = timed(floor_seconds=0.9e-3, floor_reason=reason)
    assert "bound by memory and nearly done" in said("cuda", attempt_of("cuda", near))
    far = timed(floor_seconds=0.05e-3, floor_reason=reason)
    assert "less than a fifth of the memory's speed" in said("cuda", attempt_of("cuda", far))


def test_static_figures_and_labels_are_told() -> None:
    figures = {"k.spill_loads": Quantity(64, "bytes", "static")}
    found = replace(timed(), objectives=figures, labels=("specialised",))
    text = said("cuda", attempt_of("cuda", found))
    assert "k.spill_loads: 64 bytes (static)" in text and "Label: specialised" in text
    assert "spilled to local memory" in text


def test_what_was_not_run_is_neither_right_nor_wrong() -> None:
    note = Diagnostic("there is no CUDA device here", "note", code="unverified")
    text = said("cuda", attempt_of("cuda", WorkloadVerdict("big", Stage.BUILD), notes=(note,)))
    assert "nothing is known of its values or time" in text.split("\n")[0]


def test_wrong_elements_are_explained_without_the_npu() -> None:
    wrong = Mismatch("out", 64, 0, ((0, 1.0, 2.0),), 1.0, 1.0, 0, "every element is wrong")
    for target in KERNELS:
        found = WorkloadVerdict("big", Stage.COMPARE, 0.0, mismatches=(wrong,))
        text = said(target, attempt_of(target, found))
        assert "## What this usually comes from" in text and "aie" not in text
        assert "handbook:" in text


CODES = (
    "wrong-values", "precision", "dtype", "shape", "layout", "not-a-tensor", "input-changed",
    "aliased", "stale", "timed-wrong", "clock", "impossible", "crashed", "timeout", "exited",
    "policy-reference", "policy-vendor", "policy-precision", "unverified",
)  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_every_class_of_the_judge_has_a_hint(code: str) -> None:
    for target in KERNELS:
        note = Diagnostic("as the judge says", code=code)
        found = WorkloadVerdict("big", Stage.COMPARE, 0.0, (note,))
        assert "  Hint: " in said(target, attempt_of(target, found))


def test_samples_cover_every_target_of_modules() -> None:
    assert {"torch", "cuda", "triton"} <= {r.task.target for r in samples()}
