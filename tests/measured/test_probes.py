"""What a candidate keeps: memory of its outputs, what it made of its parameters, work for later."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import kernelgepa
from kernelgepa.candidate import Candidate
from kernelgepa.cli.show import failure
from kernelgepa.measured import policy
from kernelgepa.measured.judge import ModuleJudge
from kernelgepa.measured.libraries import undefined
from kernelgepa.measured.modules import TorchAdapter
from kernelgepa.sandbox import Choice, open_sandbox
from kernelgepa.verdict import Verdict
from tests.measured.problems import GATE, seed, task

Judged = Callable[[str], Verdict]
CALL = "return torch.softmax"


@pytest.fixture(scope="module")
def of() -> Iterator[Judged]:
    with open_sandbox(Choice("landlock")) as sandbox:
        judge = ModuleJudge(TorchAdapter(), sandbox, "cpu", seconds=0.1)
        yield lambda source: judge.whole(task(GATE), Candidate.kernel(source))
        judge.close()


@pytest.fixture(scope="module")
def of_pair() -> Iterator[Judged]:
    with open_sandbox(Choice("landlock")) as sandbox:
        judge = ModuleJudge(TorchAdapter(), sandbox, "cpu", seconds=0.1)
        yield lambda source: judge.whole(task(PAIR), Candidate.kernel(source))
        judge.close()


def codes(found: Verdict) -> list[str]:
    return [d.code for w in found.workloads for d in w.diagnostics]


def test_one_memory_for_all_outputs_is_refused(of: Judged):
    shared = (
        "if not hasattr(self, 'out'):\n            self.out = torch.empty(x.shape)\n"
        "        return self.out.copy_(torch.softmax"
    )
    source = seed(GATE).replace(CALL, shared).replace("dim=-1)", "dim=-1))")
    found = of(source)
    assert codes(found) == ["stale"]
    assert failure(found) == "outputs of another call"
    assert of(source.replace("dim=-1))", "dim=-1)).clone()")).correct


def test_a_copy_of_parameters_kept_from_the_first_call_is_refused(of: Judged):
    kept = (
        "if not hasattr(self, 'w'):\n            self.w = self.lin.weight.detach().clone()\n"
        "        return torch.softmax"
    )
    source = seed(GATE).replace(CALL, kept)
    source = source.replace("self.lin(x)", "torch.nn.functional.linear(x, self.w, self.lin.bias)")
    assert codes(of(source)) == ["stale"]
    assert of(source.replace("not hasattr(self, 'w')", "True")).correct


def test_parameters_of_its_own_are_left_as_they_are(of: Judged):
    """They cannot be compared with the reference's, so nothing is said of them."""
    source = seed(GATE).replace(
        "    def forward",
        "        self.w = nn.Parameter(self.lin.weight.detach().t().contiguous())\n"
        "        del self.lin.weight\n\n    def forward",
    )
    source = source.replace("self.lin(x)", "torch.addmm(self.lin.bias, x, self.w)")
    assert of(source).correct


def test_outputs_made_when_they_are_looked_at_are_not_those_of_the_timed_call(of: Judged):
    source = seed(GATE) + (
        "\n\nimport kernelgepa.measured.worker as worker\n"
        "old = worker._show\n"
        "def show(head, blobs):\n"
        "    nested, kept = worker._state.kept[head['calls'][0]]\n"
        "    kept[0] += 1e-6\n"
        "    return old(head, blobs)\n"
        "worker._OPERATIONS['show'] = show\n"
    )
    assert codes(of(source)) == ["timed-wrong"]


def test_a_run_may_refuse_kernels_that_libraries_do_the_work_of() -> None:
    with open_sandbox(Choice("landlock")) as sandbox:
        settings = {"device": "cpu", "seconds": 0.1, "sandbox": sandbox}
        found = kernelgepa.evaluate(task(GATE), seed(GATE), vendor=False, **settings)
    assert codes(found) == ["policy-vendor"]
    assert failure(found) == "leaves the work to a library"


@pytest.mark.parametrize("source", ["__global__ void f() {}", "import ctypes", "import triton"])
def test_what_a_file_with_a_kernel_uses_matters(source: str) -> None:
    assert policy.matters(source, vendor=True)
    assert not policy.matters("import torch", vendor=True)
    assert policy.matters("import torch", vendor=False)


def test_what_a_library_takes_from_others_is_read(tmp_path: Path):
    source, library = tmp_path / "k.c", tmp_path / "k.so"
    source.write_text("void dgemm_(void);\nvoid own_gemm(void) { dgemm_(); }\n")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    found = undefined(library.read_bytes())
    assert "dgemm_" in found
    assert "own_gemm" not in found
    with pytest.raises(ValueError, match="ELF"):
        undefined(b"MZ")


PAIR = """
import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x):
        out = torch.relu(x)
        return out, out.clone()


def get_inputs():
    return [torch.randn(64, 512)]


def get_init_inputs():
    return []
"""


def test_one_tensor_for_two_outputs_is_refused(of_pair: Judged):
    assert codes(of_pair(seed(PAIR).replace("out.clone()", "out"))) == ["aliased"]


@pytest.mark.parametrize("dim", [0, 1, 2])
def test_outputs_side_by_side_in_one_memory_are_taken(of_pair: Judged, dim: int):
    split = f"return torch.stack([out, out], {dim}).unbind({dim})"
    found = of_pair(seed(PAIR).replace("return out, out.clone()", split))
    assert set(codes(found)) == ({"layout"} if dim else set())  # and none of them "aliased"


def test_one_tensor_for_two_outputs_only_while_it_is_timed_is_refused(of_pair: Judged):
    timed = "return out, out if sys._getframe(3).f_code.co_name == 'on_cpu' else out.clone()"
    source = "import sys\n" + seed(PAIR).replace("return out, out.clone()", timed)
    assert codes(of_pair(source)) == ["stale"]
