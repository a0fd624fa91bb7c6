"""What parameters take, told from the text, and problems that are too large for that."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kernelgepa import tasks
from kernelgepa.errors import InputError
from kernelgepa.kernelbench import source
from kernelgepa.kernelbench.inspect import inspect
from tests.kernelbench.places import contract, problem

BLOCK = """
class Block(nn.Module):
    def __init__(self, n, wide=4, *, bias=True):
        super().__init__()
        self.n = n
        self.up = nn.Linear(self.n, wide * self.n)
        if bias:
            self.shift = nn.Parameter(torch.zeros(self.n, 3))
"""


def model(body: str, parameters: str = "n, m") -> str:
    lines = "\n        ".join(body.splitlines())
    return (
        f"def __init__(self, {parameters}):\n        super().__init__()\n        {lines}\n"
        "    def forward(self, x): return x"
    )


# Elements worked out by hand, for n = 6 and m = 10; biases of torch's own modules are left out.
ELEMENTS = {
    "self.a = nn.Linear(n, m)": 60,
    "self.a = nn.Sequential(nn.Linear(n, m), nn.ReLU(), nn.Linear(m, 2 * n))": 60 + 120,
    "self.a = nn.Conv2d(n, m, (3, 5), groups=2)": 6 * 10 * 15 // 2,
    "self.a = nn.ConvTranspose3d(in_channels=n, out_channels=m, kernel_size=3)": 60 * 27,
    "self.a = nn.Embedding(n, m)": 60,
    "self.a = nn.LSTM(n, m, 2, bidirectional=True)": 8 * (160 + 300),
    "self.a = nn.GRU(n, m)": 3 * 160,
    "self.a = nn.MultiheadAttention(n, 2)": 4 * 36,
    "self.a = nn.TransformerEncoderLayer(n, 2, m)": 4 * 36 + 2 * 60,
    "self.a = nn.Parameter(0.1 * torch.randn(n, m))": 60,
    "self.register_buffer('a', torch.ones(n, m))": 60,
    "self.a = nn.ModuleList([nn.Linear(n, m) for _ in range(3)])": 180,
    "made, last = [], n\nfor k in (4, 5):\n    made.append(nn.Linear(last, k))\n    last = k": 24
    + 20,
    "self.a = Block(n)": 6 * 24 + 18,
    "self.a = Block(m, wide=1, bias=False)": 100 + 30,  # of branches the larger counts
    "self.w = m\nself.a = self._pair(self.w)": 200,
    "self.a = nn.Linear(n, len(str(m)))": 0,  # not to be told
    "self.a = nn.Linear(n, m) if n > 3 else nn.Identity()": 60,
    "while True:\n    n = Block(n)": 0,
}


@pytest.mark.parametrize("body", ELEMENTS)
def test_what_parameters_take_is_told_from_the_text(body: str):
    more = "\n    def _pair(self, k):\n        return [nn.Linear(k, k), nn.Linear(k, k)]"
    code = contract("[torch.rand(4)]", "[6, 10]", model(body) + more, top=BLOCK)
    read = inspect(problem(code))
    assert read.refusals == ()
    assert read.weight_bytes == 4 * ELEMENTS[body]


def test_a_module_that_makes_itself_again_ends():
    code = contract("[torch.rand(4)]", "[6]", model("self.a = Model(n)\nself.b = Model(n)", "n"))
    assert inspect(problem(code)).weight_bytes == 0


def loaded(folder: Path, code: str) -> tuple[dict[str, int], str]:
    (folder / "mine.py").write_text(code)
    task = tasks.load(str(folder / "mine.py"), device="cpu")
    return source.numbers(task.module.code), task.module.shrunk


def test_few_inputs_of_large_parameters_are_offered_with_fewer_features(tmp_path: Path):
    top = "batch_size = 128\nin_features = 32768\nout_features = 16384"
    dense = model("self.a = nn.Linear(n, m)")
    code = contract(
        "[torch.rand(batch_size, in_features)]", "[in_features, out_features]", dense, top=top
    )
    sizes, label = loaded(tmp_path, code)
    assert sizes["batch_size"] == 128
    assert sizes["in_features"] * sizes["out_features"] * 4 <= 32 << 20
    assert sizes["in_features"] == 2 * sizes["out_features"]
    assert re.match(r"shrunk 8x: in_features 32768 -> 4096, out_features 16384 -> 2048$", label)
    (tmp_path / "mine.py").write_text(code)
    assert tasks.load(str(tmp_path / "mine.py"), device="cuda:0").module.shrunk == ""


def test_many_inputs_of_large_parameters_are_offered_smaller_in_both(tmp_path: Path):
    top = "batch_size = 16384\nin_features = 32768\nout_features = 32768"
    dense = model("self.a = nn.Linear(n, m)")
    code = contract(
        "[torch.rand(batch_size, in_features)]", "[in_features, out_features]", dense, top=top
    )
    sizes, label = loaded(tmp_path, code)
    assert (sizes["batch_size"], sizes["in_features"], sizes["out_features"]) == (128, 2048, 2048)
    assert label.startswith("shrunk 2048x: batch_size 16384 -> 128, in_features 32768 -> 2048")


def test_parameters_that_cannot_be_made_smaller_stay_or_are_refused(tmp_path: Path):
    fixed = model("self.a = nn.Linear(8192, 8192)", "n")
    inputs = "[torch.rand(batch_size, 8192)]"
    code = contract(inputs, "[3]", fixed, top="batch_size = 16")
    assert loaded(tmp_path, code)[1] == ""
    with pytest.raises(InputError, match=r"its parameters take 16.0 GiB, too much for a CPU"):
        loaded(tmp_path, code.replace("8192", "65536"))


def test_parameters_that_only_a_run_tells_of_are_made_fewer_by_features(tmp_path: Path):
    hidden = model("self.a = nn.Parameter(torch.empty(*sorted({n, m}), 8))")
    top = "batch_size = 128\nin_features = 8192\nout_features = 4096"
    code = contract(
        "[torch.rand(batch_size, in_features)]", "[in_features, out_features]", hidden, top=top
    )
    assert inspect(problem(code)).weight_bytes == 0
    assert (
        loaded(tmp_path, code)[1] == "shrunk 8x: in_features 8192 -> 1024, out_features 4096 -> 512"
    )
