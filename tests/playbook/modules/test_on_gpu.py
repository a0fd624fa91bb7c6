"""Kernels for a GPU: right without one at sizes they were not made from, and compiled for one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from problems import PROBLEMS, SIZES, graph_of, problem

from kernelgepa.candidate import Candidate
from kernelgepa.cuda.adapter import CudaAdapter
from kernelgepa.playbook.modules import on_cuda, on_triton, whole
from kernelgepa.playbook.modules.graph import Unsupported
from kernelgepa.sandbox import open_sandbox
from kernelgepa.task import Interface, ModuleReference, Task, Workload
from kernelgepa.triton.adapter import TritonAdapter

HERE = Path(__file__).parent
ROWS = ("softmax", "logsumexp", "layer_norm, residual", "variance", "normalize", "loss")
ELEMENTS = ("gelu, bias, scale", "two broadcast", "conditions", "many")
CHANNELS = problem(
    "return torch.sigmoid(x + self.shift) * x",
    "self.shift = nn.Parameter(torch.randn(5, 1, 1))",
    "torch.randn(rows, 5, 3, width)",
)


def generated(kind: str, code: str) -> tuple[str, str]:
    made = whole.whole(graph_of(code))
    if kind == "cuda":
        return on_cuda.components(made)
    return on_triton.components(made, looped=kind == "triton, looped")


def worst(kind: str, codes: list[str]) -> list[list[float | str]]:
    cases = []
    for code in codes:
        kernel, launch = generated(kind, code)
        target = kind.partition(",")[0]
        cases.append(
            {"target": target, "code": code, "kernel": kernel, "launch": launch, "sizes": SIZES}
        )
    done = subprocess.run(
        [sys.executable, str(HERE / "on_gpu.py")],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[list[float | str]] = json.loads(done.stdout)
    return found


@pytest.mark.usefixtures("own_temporaries")
@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("triton", (*ROWS, *ELEMENTS)),
        ("triton, looped", ROWS),
        ("cuda", ("softmax", "layer_norm, residual", "two broadcast", "many")),
    ],
)
def test_it_agrees_with_double_precision(kind: str, names: tuple[str, ...]) -> None:
    codes = [PROBLEMS[n] for n in names] + ([] if "looped" in kind else [CHANNELS])
    for name, errors in zip((*names, "channels"), worst(kind, codes), strict=False):
        assert all(isinstance(e, float) and e < 1e-5 for e in errors), (name, errors)


@pytest.mark.parametrize("name", ["softmax", "many"])
def test_compilers_take_what_is_generated(name: str) -> None:
    code = PROBLEMS[name]
    with open_sandbox() as sandbox:
        adapters = {"triton": TritonAdapter(sandbox), "cuda": CudaAdapter(sandbox)}
        for kind, adapter in adapters.items():
            kernel, launch = generated(kind, code)
            task = Task(
                "t", kind, Interface("", ()), (Workload("w", {}),), ModuleReference(code), {}
            )
            built = adapter.build(task, Candidate({"kernel": kernel, "launch": launch}), "cpu")
            assert built.failed is None, built.diagnostics
            adapter.close()


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (PROBLEMS["linear, tail"], "a part of its forward"),
        (PROBLEMS["two kernels"], "2 kernels"),
        (problem("return torch.sort(x)[0]"), "no operation"),
        (problem("return x.sum()", inputs="torch.randn(9999, width)"), "several kernels"),
    ],
)
def test_what_is_not_one_kernel_is_said(code: str, why: str) -> None:
    with pytest.raises(Unsupported, match=why):
        generated("triton", code)
