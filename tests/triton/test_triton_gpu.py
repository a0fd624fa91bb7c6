"""Kernels on a CUDA device. In a process of its own, as this one may not load Triton twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from triton_cases import ADD, BFLOAT, RIGHT, SOFTMAX, Case
from triton_parts import build, candidate_of, task_of

from kernelgepa.triton.adapter import TritonAdapter

DEVICE = "cuda:0"
HERE = Path(__file__).parent
SCRIPT = (
    "import json, sys; from triton_handlers import judged; "
    "print(json.dumps(judged(json.load(sys.stdin))))"
)


def judge(case: Case) -> dict[str, Any]:
    asked = {
        "reference": case.reference, "kernel": case.kernel, "launch": case.launch,
        "device": DEVICE, "interpret": False,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(asked),
        env={**os.environ, "TRITON_INTERPRET": "0", "PYTHONPATH": f"{HERE}:{HERE.parents[1]}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", [*RIGHT, "bfloat"])
def test_a_right_kernel_gives_what_the_reference_gives(name: str):
    found = judge(BFLOAT if name == "bfloat" else RIGHT[name])
    assert "error" not in found, found
    assert found["same"] and found["worst"] < (0.1 if name == "matmul" else 1e-3)  # TF32


def test_what_is_not_written_is_poison():
    found = judge(ADD.changed("mask = i < n", "mask = i < n - 1"))
    assert found["worst"] == float("inf")


def test_a_wrong_kernel_gives_something_else():
    assert judge(SOFTMAX.changed("tl.exp(x)", "tl.exp(x * 2)"))["worst"] > 1e-3


def test_it_is_compiled_for_the_device_there_is_and_would_be_timed(adapter: TritonAdapter):
    built = build(adapter, BFLOAT, DEVICE)
    assert built.failed is None and built.timed and built.unverified == ""


def test_an_exported_file_runs_on_the_device(adapter: TritonAdapter, tmp_path: Path):
    case = RIGHT["tuned"]
    (tmp_path / "new.py").write_text(adapter.export(task_of(case), candidate_of(case)))
    script = (
        "import torch, new\n"
        f"x, y = (torch.randn(7, 300, device={DEVICE!r}) for _ in range(2))\n"
        "assert torch.equal(new.ModelNew()(x, y), x + y)\n"
        "print('equal')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=300,
        check=False,
    )  # fmt: skip
    assert done.stdout == "equal\n", done.stderr
