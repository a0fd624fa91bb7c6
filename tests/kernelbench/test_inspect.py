"""What is told of a problem from its text: sizes, inputs, refusals."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kernelgepa.kernelbench
from kernelgepa.kernelbench.inspect import inspect
from tests.kernelbench.places import PLAIN, contract, everything, ours, problem

SCRAPS = (
    "", "(", ")", "\n", " ", "0", "-", "**", "*", ", ", "x = ", "def f(): ", "[", "]", "\0", "ä",
    "# ", "'", "5", "lambda: ", "return ", "class A: ", "yield", ":", "\r", "\f", "\ud800", "...",
    "global n",
)  # fmt: skip

# Bytes and kinds worked out by hand: shapes times item sizes.
BYTES = {
    "L1/1": (96 * 160 + 160 * 64) * 4,
    "L1/2": 64 * 1000 * 4,
    "L1/3": 8 * 48 * 20 * 24 * 4,
    "L1/4": 2**14 * 2**15 * 4,
    "L1/5": 256 * 40 * 4 + 256 * 8,
    "L1/6": 8 * 12 * 33 * 48 * 4,
    "L1/7": 16 * 96 * 63 * 4,
    "L1/8": 2 * 2**16 * 4,
    "L1/9": 8 * 16 * 515 * 4,
    "L1/10": 8 * (48 * 64 + 32 * 64) * 2,
    "L1/11": 16 * 50 * 8,
    "L1/12": 4096 * 4 * 2,
    "L2/1": 128 * 192 * 4,
    "L2/2": 16 * 8 * 40 * 40 * 4,
    "L2/3": (24 * 10 * 32 + 3 * 10 * 64) * 4,
    "L2/4": 8 * 64 * 96 * 4,
    "L2/5": 16 * 24 * 20 * 20 * 4,
    "L2/6": 64 * 256 * 4,
}
KINDS = {
    "L1/1": {"rows": "extent", "inner": "extent", "columns": "extent"},
    "L1/3": {
        "batch_size": "batch", "features": "feature", "num_groups": "structure",
        "height": "extent", "width": "extent",
    },
    "L1/4": {"batch_size": "batch", "input_shape[0]": "extent", "dim": "structure"},
    "L1/6": {
        "batch_size": "batch", "in_channels": "structure", "kernel_size": "structure",
        "height": "extent", "width": "extent", "stride": "structure", "padding": "structure",
    },
    "L1/9": {
        "batch": "batch", "channels": "extent", "length": "extent", "window": "structure",
        "stride": "structure",
    },
    "L1/11": {
        "vocab_size": "feature", "embed_dim": "feature", "batch_size": "batch",
        "seq_len": "extent",
    },
    "L2/3": {
        "seq_len": "extent", "batch_size": "extent", "input_size": "feature",
        "hidden_size": "feature", "num_layers": "structure",
    },
    "L2/4": {
        "batch_size": "batch", "n_embd": "feature", "seq_len": "extent", "n_head": "structure",
    },
    "L2/6": {
        "batch_size": "batch", "input_size": "feature", "layer_sizes[0]": "feature",
        "layer_sizes[1]": "feature", "layer_sizes[2]": "feature", "output_size": "feature",
    },
}  # fmt: skip


def test_every_problem_of_the_checkout_is_in_the_contract_and_its_bytes_are_told():
    read = {p.label: inspect(p) for p in everything()}
    assert {label: i.refusals for label, i in read.items() if i.refusals} == {}
    assert {label: i.input_bytes for label, i in read.items()} == BYTES
    assert {label for label, i in read.items() if i.reasons("cpu")} == set()


@pytest.mark.parametrize("label", KINDS)
def test_sizes_are_told_from_structure(label: str):
    level, number = map(int, label[1:].split("/"))
    assert {s.label: s.kind for s in inspect(ours(level, number)).sizes} == KINDS[label]


def test_a_size_says_where_it_is_written_and_who_needs_it():
    made = problem(PLAIN.replace("n = 64", "title = 'Größe'; n = 64"))
    (size,) = inspect(made).sizes
    assert made.code.encode()[size.start : size.end] == b"64"
    assert size.uses == {"get_inputs"}
    uses = {s.label: s.uses for s in inspect(ours(2, 4)).sizes}
    assert uses["n_embd"] == {"get_inputs", "get_init_inputs"}
    assert uses["n_head"] == {"get_init_inputs"}


@pytest.mark.parametrize(
    ("top", "setup", "inputs", "wanted"),
    [
        ("N = 2 * 8", "", "[torch.rand(N)]", [((16,), "float32")]),
        ("N = 8\nM = N // 2 + N % 3", "", "[torch.ones(N, M)]", [((8, 6), "float32")]),
        ("s = (4, 5)", "", "[torch.zeros(2, *s[::-1])]", [((2, 5, 4), "float32")]),
        ("s = (4, 5)", "", "[torch.zeros(size=s, dtype=torch.int8)]", [((4, 5), "int8")]),
        ("s = (4, 5)", "", "[torch.zeros(s).T.half()]", [((5, 4), "float16")]),
        ("", "", "[torch.rand(3, 1) + torch.rand(4).double()]", [((3, 4), "float64")]),
        (
            "",
            "x = torch.rand(6, 4)",
            "[x, x.view(2, -1)]",
            [((6, 4), "float32"), ((2, 12), "float32")],
        ),
        ("", "", "[torch.rand(2, 3).permute(1, 0), 5]", [((3, 2), "float32"), (None, "")]),
        ("", "", "[torch.rand(4, 4) > 0.5]", [((4, 4), "bool")]),
        ("", "", "[torch.arange(3, 10, 2)]", [((4,), "int64")]),
        ("", "", "[torch.rand(n) for n in range(2, 4)]", [((2,), "float32"), ((3,), "float32")]),
        ("", "", "[[torch.rand(2)], torch.eye(3)]", [((2,), "float32"), ((3, 3), "float32")]),
        ("", "", "[torch.cat((torch.rand(2, 3), torch.rand(4, 3)))]", [((6, 3), "float32")]),
        ("", "", "[torch.stack([torch.rand(2)] * 3, dim=1)]", [((2, 3), "float32")]),
        ("", "", "[torch.tril(torch.rand(4, 4)).to(torch.bfloat16)]", [((4, 4), "bfloat16")]),
        ("", "", "[torch.distributions.Gamma(1.0, 2.0).sample((3, 4))]", [((3, 4), "float32")]),
        ("", "", "[torch.randint(0, 9, (2, 5)).argmax(dim=1)]", [((2,), "int64")]),
        ("", "", "[torch.rand(2, int(math.sqrt(64)))]", [((2, 8), "float32")]),
        ("def side(n, m=3):\n    return n * m", "", "[torch.rand(side(2))]", [((6,), "float32")]),
        ("n = 3", "n = 5", "[torch.rand(n)]", [((5,), "float32")]),
        (
            "def two(*more, **others):\n    return torch.rand(2, 9)",
            "",
            "[two(), two(seed=1)]",
            [((2, 9), "float32")] * 2,
        ),
        ("", "x = []\n    x.append(torch.rand(7))", "x", [((7,), "float32")]),
    ],
)
def test_shapes_follow_from_the_text(
    top: str, setup: str, inputs: str, wanted: list[tuple[tuple[int, ...] | None, str]]
):
    read = inspect(problem(contract(inputs, top=top, setup=setup)))
    assert read.refusals == ()
    assert [(i.shape, i.dtype) for i in read.inputs or ()] == wanted


@pytest.mark.parametrize(
    ("top", "setup", "inputs"),
    [
        ("if torch.cuda.is_available():\n    n = 4\nelse:\n    n = 8", "", "[torch.rand(n)]"),
        ("", "n = len(str(5))", "[torch.rand(n)]"),
        ("", "x = torch.rand(2)\n    for i in range(3):\n        x = torch.cat((x, x))", "[x]"),
        ("", "", "[torch.rand(2).frobnicate()]"),
        ("", "", "[torch.rand(2, 3) + torch.rand(4)]"),
        ("", "", "[torch.rand(1 << 99999)]"),
        ("", "", "[torch.rand(10**10**10)]"),
        ("n = [1]\nn.append(2)", "", "[torch.rand(*n)]"),
        ("torch.set_default_dtype(torch.float64)", "", "[torch.rand(2)]"),
        ("def f(n):\n    return f(n)", "", "[torch.rand(f(2))]"),
        ("def f(*n):\n    return torch.rand(*n)", "", "[f(2, 3)]"),
        ("def f(**n):\n    return torch.rand(n['n'])", "", "[f(n=2)]"),
    ],
)
def test_what_does_not_follow_from_the_text_is_not_guessed(top: str, setup: str, inputs: str):
    read = inspect(problem(contract(inputs, top=top, setup=setup)))
    assert read.refusals == ()
    assert read.inputs is None
    assert read.input_bytes is None


ENDLESS = {
    "loops in loops": "x = " + "[" * 9 + "1" + " for _ in range(200)]" * 9,
    "lists of lists": "a = [1] * 5000\n" + "a = [a] * 5000\n" * 9 + "n = a",
    "doubling": "a = [1, 2]\n" + "a = a + a\n" * 60,
    "powers": "a = 3\n" + "a = a ** a\n" * 9,
    "functions": "def f(n):\n    return " + " + ".join(["f(n)"] * 8) + "\nx = f(1)",
    "squares": "a = 9**999\n" + "a = a * a\n" * 60,
    "classes": "".join(
        f"class C{i}(nn.Module):\n    def __init__(self, a):\n        "
        + f"C{i + 1}(a);" * 30
        + "\n"
        for i in range(30)
    ),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_would_take_for_ever_is_not_followed(name: str):
    init, model = ("[]", "") if name != "classes" else (
        "[num]", "def __init__(self, a): C0(a)\n    def forward(self, x): return x"
    )  # fmt: skip
    top = f"num = 99\n{ENDLESS[name]}\n"
    read = inspect(problem(contract("[torch.rand(num)]", init, model, top=top)))
    assert read.refusals == ()
    assert read.input_bytes == 99 * 4


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_text_makes_it_fail(data: st.DataObject):
    code = data.draw(st.sampled_from(everything())).code
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(code)))
        to = min(len(code), at + data.draw(st.integers(0, 12)))
        code = code[:at] + data.draw(st.sampled_from(SCRAPS)) + code[to:]
    read = inspect(problem(code))
    assert all(reason and "\n" not in reason for reason in read.refusals)
    raw = code.encode("utf-8", "surrogatepass")
    for size in read.sizes:
        assert eval(raw[size.start : size.end].decode(), {}) == size.value


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "it defines no class Model at its top level"),
        ("class ModelNew: pass", "this is a solution, not a problem"),
        (PLAIN.replace("get_inputs", "inputs"), "it defines no function get_inputs"),
        (PLAIN.replace("get_init_inputs", "init"), "it defines no function get_init_inputs"),
        (PLAIN.replace("get_inputs()", "get_inputs(n)"), "get_inputs takes arguments"),
        (PLAIN.replace("return [torch", "print([torch").replace("3)]", "3)])"), "returns nothing"),
        (PLAIN.replace("return [torch", "yield [torch"), "get_inputs yields; expected"),
        (PLAIN.replace("[torch.rand(n, 3)]", "torch.rand(n, 3)"), "get_inputs returns a tensor"),
        (PLAIN.replace("return []", "return [[], {}]"), "returns a list and a dict"),
        (
            PLAIN.replace("return []", "return [[4], {'gain': 2}]").replace(
                "    def forward", "    def __init__(self, n, *, gain=1): ...\n\n    def forward"
            ),
            "expected one list of the constructor's arguments, or one dict of them by name",
        ),
        (PLAIN.replace("(nn.Module)", ""), "Model is no torch.nn.Module"),
        (PLAIN.replace("forward", "backward"), "Model has no method forward"),
        (PLAIN.replace("x + 1", "x +"), "line 7: not Python"),
        (PLAIN + "\0", "not Python"),
        ("x = " + "(" * 5000, "not Python"),
        ("x = " + "-" * 100_000 + "1", "nested too deeply"),
        ("import transformers\n" + PLAIN, "line 1: imports transformers"),
        ("from .layers import Block\n" + PLAIN, "imports a file beside it"),
        ("import triton.language as tl\n" + PLAIN, "imports triton, which needs a GPU"),
        ("import os\n" + PLAIN, "imports os, which reaches files"),
        ("import subprocess\n" + PLAIN, "imports subprocess, which reaches other processes"),
        ("import lightning\n" + PLAIN, "imports lightning; known are"),
        ("import torch as t\nw = t.load('w.pt')\n" + PLAIN, "line 2: reads a file (torch.load)"),
        ("from torch import load\n" + PLAIN, "line 1: reads a file (torch.load)"),
        ("import torch.hub\n" + PLAIN, "downloads from the network"),
        ("from torch.utils.cpp_extension import load_inline\n" + PLAIN, "compiles an extension"),
        ("import numpy as np\n" + PLAIN.replace("x + 1", "np.load('a')"), "file (numpy.load)"),
        (PLAIN.replace("x + 1", "open('a').read()"), "line 7: reads or writes a file (open)"),
        (PLAIN.replace("x + 1", "eval('x + 1')"), "runs text as code (eval)"),
        (PLAIN.replace("x + 1", "M.from_pretrained('a')"), "downloads weights"),
    ],
)
def test_a_problem_outside_the_contract_is_refused_with_a_reason(code: str, says: str):
    read = inspect(problem(code))
    assert any(says in reason for reason in read.refusals), read.refusals
    assert all("\n" not in reason for reason in read.refusals)


@pytest.mark.parametrize(
    "code",
    [
        PLAIN.replace("Model(nn.Module)", "Model(Base)").replace(
            "class Model",
            "class Base(nn.Module):\n    def forward(self, x): return x\n\nclass Model",
        ),
        PLAIN.replace("x + 1", "x + 1  # open('a'), import os"),
        PLAIN.replace("nn.Module):", "nn.Module):\n    'It may pass: eval(), open().'"),
        "from einops import rearrange\nfrom collections import OrderedDict\n" + PLAIN,
        PLAIN.replace("return x + 1", "self.eval()\n        return x"),
        PLAIN.replace("get_inputs()", "get_inputs(count=3, *, seed=0)"),
        PLAIN.replace("get_inputs()", "get_inputs(*sizes, **others)"),
        PLAIN.replace("[torch.rand(n, 3)]", "[{'x': torch.rand(n, 3)}]"),
        PLAIN.replace("[torch.rand(n, 3)]", "{'x': torch.rand(n, 3)}"),
        PLAIN.replace("return []", "return {'n': 4}"),
        PLAIN.replace("return []", "return [[64, 64], {'act': 'relu'}]"),  # a list and options
        PLAIN.replace("get_inputs():", "get_inputs():\n    def f(): return {}"),
    ],
)
def test_an_honest_problem_is_not_refused(code: str):
    assert inspect(problem(code)).refusals == ()


def test_what_runs_only_as_a_script_needs_nothing():
    script = "if __name__ == '__main__':\n    import matplotlib\n    x = torch.rand(3).cuda()\n"
    assert inspect(problem(f"{PLAIN}\n{script}")).reasons("cpu") == ()


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (PLAIN.replace("(n, 3)", "(n, 3).cuda()"), "moves to a CUDA device (.cuda())"),
        (PLAIN.replace("(n, 3)", "(n, 3, device='cuda')"), "names the device 'cuda'"),
        (PLAIN.replace("x + 1", "torch.cuda.current_stream()"), "needs a CUDA device"),
        ("device = 'cuda:0'\n" + PLAIN, "names the device 'cuda:0'"),
    ],
)
def test_what_insists_on_cuda_is_refused_on_a_cpu_only(code: str, says: str):
    read = inspect(problem(code))
    assert read.reasons("cuda:0") == ()
    (reason,) = read.reasons("cpu")
    assert says in reason
    assert "but the device is cpu" in reason and "--device cuda:0" in reason


def test_asking_whether_there_is_cuda_is_not_insisting():
    choice = "device = 'cuda' if torch.cuda.is_available() else 'cpu'\n"
    code = PLAIN.replace("\nn = 64", f"\n{choice}n = 64").replace("(n, 3)", "(n, 3, device=device)")
    read = inspect(problem(code))
    assert read.reasons("cpu") == ()
    assert read.input_bytes == 64 * 3 * 4


def test_the_package_imports_no_torch_and_runs_no_problem():
    folder = Path(kernelgepa.kernelbench.__file__).parent
    files = list(folder.glob("*.py"))
    assert len(files) > 10
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            called = (
                node.func.id
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                else ""
            )
            assert not {n.split(".")[0] for n in names} & {"torch", "numpy", "subprocess"}
            assert called not in ("exec", "eval", "compile", "__import__")
