"""Problems as users write them, judged: honest kernels count; what cannot be judged says why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernelgepa.candidate import Candidate
from kernelgepa.errors import InputError
from kernelgepa.measured.judge import ModuleJudge
from kernelgepa.measured.modules import TorchAdapter
from kernelgepa.sandbox import Choice, open_sandbox
from kernelgepa.tasks import load
from kernelgepa.verdict import Stage, Verdict
from tests.kernelbench.places import contract


@pytest.fixture(scope="module")
def judge() -> Iterator[ModuleJudge]:
    with open_sandbox(Choice("landlock")) as sandbox:
        made = ModuleJudge(TorchAdapter(), sandbox, "cpu", seconds=0.1)
        yield made
        made.close()


def judged(judge: ModuleJudge, folder: Path, problem: str, kernel: str = "") -> Verdict:
    """Of a problem in a file; the kernel's forward, or the reference itself."""
    (folder / "problem.py").write_text(problem)
    task = load(str(folder / "problem.py"), device="cpu")
    body = "\n".join(f"        {line}" for line in kernel.splitlines())
    head = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
    source = f"{head}class ModelNew(nn.Module):\n    def forward(self, *given):\n{body}\n"
    return judge.whole(task, Candidate.kernel(source if kernel else task.seeds["canonical"]))


def reference(body: str, setup: str, inputs: str, top: str = "") -> str:
    forward = "def forward(self, *given):\n        " + body.replace("\n", "\n        ")
    return contract(inputs, model=forward, setup=setup, top=top)


# A problem, a kernel that relies on what its inputs are, and another that is wrong.
RELIES = {
    "one half of symmetric matrices": (
        reference(
            "a, b = given\nreturn a @ b",
            "a, b = torch.randn(3, 40, 40), torch.randn(40, 8)",
            "[(a + a.mT) / 2, b]",
        ),
        "a, b = given\nupper = a.triu()\nreturn (upper + upper.mT - upper.mul(torch.eye(40))) @ b",
        "a, b = given\nupper = a.triu()\nreturn (upper + upper.mT) @ b",
    ),
    "boundaries in order": (
        reference(
            "values, ends = given\n"
            "group = torch.searchsorted(ends, torch.arange(300), right=True)\n"
            "return torch.zeros(21).index_add_(0, group, values)",
            "ends = torch.randint(0, 300, (20,)).sort().values",
            "[torch.randn(300), ends]",
        ),
        "values, ends = given\n"
        "cuts = [0, *ends.tolist(), 300]\n"
        "return torch.stack([values[a:b].sum() for a, b in zip(cuts, cuts[1:])])",
        "values, ends = given\n"
        "cuts = [0, *ends.tolist(), 299]\n"
        "return torch.stack([values[a:b].sum() for a, b in zip(cuts, cuts[1:])])",
    ),
    "every place once": (
        reference(
            "rows, order = given\nreturn rows[order].cumsum(0)",
            "rows = torch.randn(64, 6)",
            "[rows, torch.randperm(64)]",
        ),
        "rows, order = given\n"
        "back = torch.empty_like(order)\nback[order] = torch.arange(64)\n"
        "made = torch.empty_like(rows)\nmade[back] = rows\nreturn made.cumsum(0)",
        "rows, order = given\nreturn rows[order.flip(0)].cumsum(0)",
    ),
    "one tensor given twice, and rows that are one": (
        reference(
            "a, b, mask = given\nreturn (a @ b.mT).masked_fill(mask, -9.0)",
            "x, mask = torch.randn(30, 20), torch.rand(1, 30) > 0.7",
            "[x, x, mask.expand(30, 30)]",
        ),
        "a, b, mask = given\nreturn (a @ a.mT).masked_fill(mask[:1], -9.0)",
        "a, b, mask = given\nreturn (a @ a.mT).masked_fill(mask[:, :1], -9.0)",
    ),
    "a single one in a row": (
        reference(
            "scores, wanted = given\nreturn -(wanted * scores.log_softmax(1)).sum(1)",
            "wanted = F.one_hot(torch.randint(0, 12, (50,)), 12).float()",
            "[torch.randn(50, 12), wanted]",
            top="import torch.nn.functional as F",
        ),
        "scores, wanted = given\n"
        "return F.cross_entropy(scores, wanted.argmax(1), reduction='none')",
        "scores, wanted = given\n"
        "return F.cross_entropy(scores, wanted.argmin(1), reduction='none')",
    ),
}


@pytest.mark.parametrize("what", RELIES)
def test_a_kernel_may_rely_on_what_all_inputs_have_in_common(
    judge: ModuleJudge, tmp_path: Path, what: str
):
    problem, right, wrong = RELIES[what]
    assert judged(judge, tmp_path, problem).correct
    found = judged(judge, tmp_path, problem, right)
    assert found.correct, found.workloads
    found = judged(judge, tmp_path, problem, wrong)
    assert [w.stage for w in found.workloads] == [Stage.COMPARE]


def test_a_reference_that_jumps_elsewhere_in_float64_is_right_itself(
    judge: ModuleJudge, tmp_path: Path
):
    problem = reference(
        "(x,) = given\nreturn torch.where(x > 1.5, torch.floor(x * 2000.1) % 2, x)",
        "",
        "[torch.rand(256, 256)]",
    )
    assert judged(judge, tmp_path, problem).correct
    near = "(x,) = given\nreturn torch.where(x > 1.5, 0.5, x)"
    assert not judged(judge, tmp_path, problem, near).correct


def test_inputs_that_numpy_draws_are_the_same_for_the_kernel(judge: ModuleJudge, tmp_path: Path):
    problem = reference(
        "(x,) = given\nreturn x * torch.sigmoid(x)",
        "x = np.random.standard_normal((64, 48)).astype('float32')",
        "[torch.from_numpy(x)]",
        top="import numpy as np",
    )
    assert judged(judge, tmp_path, problem, "return F.silu(given[0])").correct


def test_parameters_that_are_drawn_in_another_order_are_pointed_out(
    judge: ModuleJudge, tmp_path: Path
):
    setup = "super().__init__()\n        self.first = torch.randn(5)\n        "
    setup += "self.dense = nn.Linear(16, 16)"
    body = f"def __init__(self):\n        {setup}\n    def forward(self, x): return self.dense(x)"
    problem = contract("[torch.rand(40, 16)]", model=body)
    (tmp_path / "problem.py").write_text(problem)
    task = load(str(tmp_path / "problem.py"), device="cpu")
    shorter = task.seeds["canonical"].replace("self.first = torch.randn(5)", "pass")
    (found,) = judge.whole(task, Candidate.kernel(shorter)).workloads
    assert found.stage is Stage.COMPARE
    assert "start with other values" in found.diagnostics[0].message
    wrong = task.seeds["canonical"].replace("self.dense(x)", "self.dense(x) * 2")
    (found,) = judge.whole(task, Candidate.kernel(wrong)).workloads
    assert (found.stage, found.diagnostics) == (Stage.COMPARE, ())


def test_inputs_by_name_are_forwards_arguments(judge: ModuleJudge, tmp_path: Path):
    problem = contract(
        "{'y': torch.randn(30, 20), 'x': torch.randn(30, 20)}",
        model="def forward(self, x, y, scale=2.0): return x * scale - y",
    )
    assert judged(judge, tmp_path, problem).correct
    assert judged(judge, tmp_path, problem, "x, y = given\nreturn x + x - y").correct
    assert not judged(judge, tmp_path, problem, "y, x = given\nreturn x + x - y").correct


LOOKED_AT = """
from dataclasses import dataclass

@dataclass
class Config:
    scale: "float" = 2.0

@torch.jit.script
def scaled(x: torch.Tensor, by: float) -> torch.Tensor:
    return x * by
"""


def test_a_problem_may_look_at_its_own_module_and_text_and_a_kernel_may_not(
    judge: ModuleJudge, tmp_path: Path
):
    body = "return scaled(given[0], Config().scale).tanh()"
    problem = reference(body, "", "[torch.rand(40, 40)]", top=LOOKED_AT)
    assert judged(judge, tmp_path, problem).correct
    found = judged(judge, tmp_path, problem, "import problem\nreturn (2 * given[0]).tanh()")
    assert "No module named 'problem'" in found.workloads[0].diagnostics[0].message


REFUSED = {
    "a length that depends on chance": (
        reference("return given[0] * 2", "n = int(torch.randint(5, 5000, ()))", "[torch.rand(n)]"),
        "shapes and types may not depend on chance",
    ),
    "a generator that nobody can seed": (
        reference(
            "return given[0] * 2",
            "x = np.random.default_rng().random(40)",
            "[torch.tensor(x)]",
            top="import numpy as np",
        ),
        "get_inputs gives other values under the same seed",
    ),
    "dropout that is not switched off": (
        reference("return nn.functional.dropout(given[0])", "", "[torch.rand(40, 40)]"),
        "draws random numbers .* eval mode",
    ),
    "a count of calls": (
        contract(
            "[torch.rand(40)]",
            model="calls = 0\n    def forward(self, x):\n"
            "        self.calls += 1\n        return x * self.calls",
        ),
        "keeps something between calls",
    ),
    "names that forward does not have": (
        contract("{'y': torch.rand(40)}", model="def forward(self, x): return x + 1"),
        "a dict of y, but forward's first parameters are x",
    ),
    "a tensor that its text does not show": (
        reference("return given[0]", "made = [torch.rand(40)]", "made.pop()"),
        "get_inputs returns a value of type Tensor; expected a list of forward's arguments",
    ),
    "an argument that has to be given by name": (
        contract("{'x': torch.rand(40)}", model="def forward(self, *, x): return x + 1"),
        "forward takes x by name only",
    ),
    "more inputs than forward takes": (
        contract("[torch.rand(40), 2]", model="def forward(self, x): return x + 1"),
        "get_inputs returns 2 values, which forward does not take: too many",
    ),
    "a package that is not there": (
        reference("return given[0] * 2", "", "[torch.rand(40)]", top="import einops.nowhere"),
        "line 4: ModuleNotFoundError: No module named 'einops.*'; install it .*install einops`",
    ),
    "more than there is memory for": (
        reference("return torch.empty(1 << 44) + given[0]", "", "[torch.rand(40)]"),
        "allocate .*; it is too large for this device: make its sizes smaller, as --sizes fitting",
    ),
    "a tensor of another kind": (
        reference("return given[0].relu().to_sparse()", "", "[torch.randn(40)]"),
        "returns sparse_coo tensor; expected plain tensors",
    ),
    "a number beside a tensor": (
        reference("return given[0] * 2, 40", "", "[torch.rand(40)]"),
        r"returns \(tensor, int\); expected plain tensors",
    ),
    "sparse inputs": (
        reference("return given[0] * 2", "", "[torch.rand(40, 40).to_sparse()]"),
        "get_inputs gives a sparse_coo tensor",
    ),
    "arrays": (
        reference(
            "return torch.from_numpy(given[0]) * 2",
            "",
            "[np.random.rand(40).astype('float32')]",
            top="import numpy as np",
        ),
        "get_inputs gives a numpy array; expected tensors",
    ),
    "tensors in an object": (
        reference(
            "return given[0].held * 2",
            "",
            "[Box(torch.rand(40))]",
            top="class Box:\n    def __init__(self, held): self.held = held",
        ),
        "get_inputs gives tensors in a Box; expected them as they are, or in lists",
    ),
    "a device that is not there": (
        reference(
            "raise AssertionError('Torch not compiled with CUDA enabled')", "", "[torch.rand(40)]"
        ),
        "line [0-9]+: .*; it asks for a CUDA device",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_judged_is_refused_for_what_it_is(
    judge: ModuleJudge, tmp_path: Path, what: str
):
    problem, says = REFUSED[what]
    with pytest.raises(InputError, match=says) as caught:
        judged(judge, tmp_path, problem)
    assert "\n" not in str(caught.value)
