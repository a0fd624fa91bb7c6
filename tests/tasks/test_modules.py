"""Problems in KernelBench's contract as tasks: what loads, what is refused, and why."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kernelgepa import tasks
from kernelgepa.errors import InputError
from kernelgepa.kernelbench import source
from kernelgepa.sandbox import open_sandbox
from kernelgepa.task import ModuleReference, Task
from kernelgepa.tasks import modules
from kernelgepa.tasks.many import load_all
from tests.kernelbench.places import CHECKOUT, PLAIN, contract

KB = f"kernelbench:{CHECKOUT}"
SEED = (
    "import torch\n\n\nclass ModelNew(torch.nn.Module):\n    def forward(self, x): return x + 1\n"
)


def file(folder: Path, text: str, name: str = "mine.py") -> Task:
    (folder / name).write_text(text)
    return tasks.load(str(folder / name), device="cpu")


def classes(text: str) -> set[str]:
    return {n.name for n in ast.parse(text).body if isinstance(n, ast.ClassDef)}


def test_a_problem_of_a_checkout_is_a_task():
    task = tasks.load(f"{KB}#L1/2", device="cpu")
    assert (task.name, task.target, task.shapes) == ("level1_2_row_softmax", "torch", "fixed")
    assert task.interface.function == "ModelNew"
    assert [w.name for w in task.workloads] == ["shipped"]
    assert isinstance(task.reference, ModuleReference)
    assert task.reference.shrunk == ""
    assert task.reference.code == (CHECKOUT / "KernelBench/level1/2_row_softmax.py").read_text()
    assert classes(task.seeds["canonical"]) == {"ModelNew"}
    assert "KernelBench level 1, problem 2" in task.description


def test_what_is_too_large_for_a_cpu_is_offered_shrunk_and_says_so():
    spec = f"{KB}#L1/4"  # 2 GiB of inputs
    small = tasks.load(spec, device="cpu")
    assert re.match(r"shrunk \d+x: batch_size 16384 -> ", small.module.shrunk)
    assert small.module.shrunk in small.description
    assert source.numbers(small.module.code)["batch_size"] * 32768 * 4 <= 16 << 20
    whole = [tasks.load(spec, device="cpu", shrink=False), tasks.load(spec, device="cuda:0")]
    for task in whole:
        assert task.module.shrunk == ""
        assert source.numbers(task.module.code)["batch_size"] == 16384
        assert task.digest != small.digest
    assert tasks.load(spec, device="cuda:0", shrink=True).digest == small.digest


WIDE = """\
import torch


class Model(torch.nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = torch.nn.Conv3d(3, channels, 3)

    def forward(self, x):
        return self.conv(x)


batch, depth, side, channels = 16, 60, 60, 64


def get_inputs():
    return [torch.rand(batch, 3, depth, side, side)]


def get_init_inputs():
    return [channels]
"""


def test_what_makes_much_of_small_inputs_is_offered_shrunk_and_runs(tmp_path):
    (tmp_path / "wide.py").write_text(WIDE)  # 762 MiB of outputs from 40 MiB
    small = tasks.load(str(tmp_path / "wide.py"), device="cpu").module
    now = source.numbers(small.code)
    assert small.shrunk.startswith("shrunk ") and now["channels"] == 64
    inner = (now["depth"] - 2) * (now["side"] - 2) ** 2
    assert 1 << 20 < 4 * now["batch"] * 64 * inner <= 16 << 20


class Watched:
    """A sandbox that knows whether it was used."""

    def __init__(self, inner):
        self.inner, self.used = inner, set()

    def __getattr__(self, name):
        self.used.add(name)
        return getattr(self.inner, name)


def test_what_a_problem_takes_is_found_out_in_the_sandbox_that_is_given(tmp_path):
    (tmp_path / "wide.py").write_text(f"{WIDE}# {tmp_path}")  # which nobody has counted before
    with open_sandbox() as inner:
        given = Watched(inner)
        assert tasks.load(str(tmp_path / "wide.py"), device="cpu", sandbox=given).module.shrunk
    assert given.used


def test_what_makes_far_too_much_of_sizes_that_cannot_change_is_refused(tmp_path):
    text = "        return x.abs().sum() * torch.ones(1 << 20, 1024, 2)"
    mine = WIDE.replace("        return self.conv(x)", text)
    (tmp_path / "far.py").write_text(mine.replace("16, 60, 60, 64", "4, 4, 64, 4"))
    with pytest.raises(InputError) as error:
        tasks.load(str(tmp_path / "far.py"), device="cpu")
    assert "8192 MiB of outputs" in str(error.value) and "too much for a CPU" in str(error.value)


ROWS = """\
import torch


class Model(torch.nn.Module):
    def forward(self, x):
        return x.relu()


batch, sides = 1024, (64, 256, 256)


def get_inputs():
    return [torch.rand(batch, 64, 256, 256)]


def get_init_inputs():
    return []
"""


def test_the_smallest_version_is_offered_where_none_is_as_small_as_wished(tmp_path):
    (tmp_path / "rows.py").write_text(ROWS)  # 16 GiB; of 2, the least, 32 MiB
    assert tasks.load(str(tmp_path / "rows.py"), device="cpu").module.shrunk == (
        "shrunk 512x: batch 1024 -> 2"
    )


LSTM = """\
import torch


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.LSTM(128, 256, 6, batch_first=True)

    def forward(self, x):
        return self.layers(x)[0]


batch, length = 10, 512


def get_inputs():
    return [torch.rand(batch, length, 128)]


def get_init_inputs():
    return []
"""


def test_the_steps_of_an_lstm_count(tmp_path):
    (tmp_path / "lstm.py").write_text(LSTM)  # 31 GFLOP of 2.5 MiB of inputs
    shrunk = tasks.load(str(tmp_path / "lstm.py"), device="cpu").module.shrunk
    assert shrunk == "shrunk 10x: batch 10 -> 2, length 512 -> 256"


def test_what_only_a_run_tells_of_inputs_counts_as_what_the_text_tells(tmp_path):
    hidden = ROWS.replace("torch.rand(batch", "torch.rand(sum([batch for _ in 'a'])")
    (tmp_path / "rows.py").write_text(hidden)
    small = tasks.load(str(tmp_path / "rows.py"), device="cpu").module
    assert small.shrunk == "shrunk 128x: batch 1024 -> 8"
    (tmp_path / "rows.py").write_text(hidden.replace("[batch", "[512"))
    with pytest.raises(InputError, match=r"8192 MiB of inputs.*too much for a CPU"):
        tasks.load(str(tmp_path / "rows.py"), device="cpu")


def test_a_whole_level_is_its_problems_each_named_so_that_it_loads_again(monkeypatch, tmp_path):
    found = load_all(f"{KB}#L2", device="cpu")
    assert len(found.tasks) == 6
    assert found.unusable == {}
    monkeypatch.chdir(tmp_path)
    for spec, task in found.tasks.items():
        assert tasks.load(spec, device="cpu") == task
    assert len(load_all(KB, device="cpu").tasks) == 18


def test_rows_of_the_data_set_are_tasks_and_those_refused_have_their_reason(tmp_path):
    rows = [(1, PLAIN), (2, PLAIN.replace("x + 1", "x +")), (3, "import os\n" + PLAIN)]
    text = "".join(
        json.dumps({"code": code, "level": 1, "name": f"{n}_a b+c", "problem_id": n}) + "\n"
        for n, code in rows
    )
    (tmp_path / "rows.jsonl").write_text(text)
    found = load_all(f"kernelbench:{tmp_path / 'rows.jsonl'}", device="cpu")
    assert [t.name for t in found.tasks.values()] == ["level1_1_a_b_c"]
    two, three = found.unusable.values()
    assert "line 7: not Python" in two
    assert "imports os, which reaches files" in three


@pytest.mark.parametrize(
    ("which", "says"),
    [
        ("", "names 18 problems: say which, as in kernelbench:"),
        ("#L1", "names 12 problems: say which"),
        ("#L1/19", "has no problem L1/19"),
        ("#19", "expected kernelbench:PATH"),
    ],
)
def test_what_names_no_one_problem_is_said(which: str, says: str):
    with pytest.raises(InputError) as error:
        tasks.load(KB + which, device="cpu")
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_of_ones_own_is_a_task(tmp_path):
    task = file(tmp_path, PLAIN, "my problem.py")
    assert (task.name, task.target) == ("my_problem", "torch")
    assert task.module.code == PLAIN
    assert classes(task.seeds["canonical"]) == {"ModelNew"}
    other = file(tmp_path, PLAIN.replace("x + 1", "x + 2"), "my problem.py")
    assert other.digest != task.digest


def test_a_modelnew_in_the_same_file_is_the_seed_and_each_gets_its_own(tmp_path):
    new = (
        "\n\nfrom torch.utils.cpp_extension import load_inline\n\n"
        "text = 'int f();'\nbuilt = load_inline(name='b', cpp_sources=[text], functions=['f'])\n\n"
        "class ModelNew(nn.Module):\n    def forward(self, x):\n        return built.f(x)\n"
    )
    task = file(tmp_path, PLAIN + new)
    seed = task.seeds["canonical"]
    assert classes(seed) == {"ModelNew"}
    assert "load_inline(" in seed
    assert "get_inputs" not in seed
    assert classes(task.module.code) == {"Model"}
    assert "load_inline" not in task.module.code
    assert source.numbers(task.module.code) == {"n": 64}


def test_a_task_starts_from_another_kernel(tmp_path):
    task = file(tmp_path, PLAIN)
    other = modules.with_seed(task, SEED)
    assert other.seeds == {"canonical": SEED}
    assert other.module == task.module
    assert other.digest != task.digest
    both = modules.with_seed(task, PLAIN + "\n\n" + SEED)
    assert classes(both.seeds["canonical"]) == {"ModelNew"}
    for text, says in [("class Model: pass", "defines no class ModelNew"), ("x = (", "not Python")]:
        with pytest.raises(InputError, match=says):
            modules.with_seed(task, text)


ODD = {
    "no constructor": contract("[torch.rand(4)]"),
    "keywords": contract("[torch.rand(4)]", "{'n': 3}", "def forward(self, x, n=3): return x"),
    "a dictionary of inputs": contract("{'x': torch.rand(4)}"),
    "a list as input": contract("[[torch.rand(4), torch.rand(3)]]"),
    "numbers": contract("[torch.randint(0, 9, (4,)), torch.rand(4) > 0.5, 3, 2.0, None, 'a']"),
    "complex": contract("[torch.randn(4, dtype=torch.complex64)]"),
    "half": contract("[torch.rand(4).half(), torch.rand(4).bfloat16()]"),
    "prints": contract("[torch.rand(4)]", top="print('hello')"),
    "a script": contract("[torch.rand(4)]") + "\nif __name__ == '__main__':\n    get_inputs()\n",
    "a configuration": contract(
        "[torch.rand(Config().n)]",
        "[Config()]",
        "def __init__(self, c): super().__init__()\n    def forward(self, x): return x",
        "from dataclasses import dataclass\n@dataclass\nclass Config:\n    n: int = 4",
    ),
    "a generator": contract("list(torch.rand(n) for n in (3, 4))"),
    "a tuple": contract("(torch.rand(4),)", "()"),
    "einops": contract("[torch.rand(4)]", top="from einops import rearrange"),
    "a base class": contract("[torch.rand(4)]", top="class Model2(nn.Module):\n    pass").replace(
        "class Model(nn.Module)", "class Model(Model2)"
    ),
    "computed sizes": contract("[torch.rand(int(math.prod(s)))]", top="s = [2, 3]\ns.append(4)"),
    "windows line ends": PLAIN.replace("\n", "\r\n"),
    "other letters": contract("[torch.rand(größe)]", top="größe = 4"),
    "a byte order mark": "\ufeff" + PLAIN,
    "a closure": contract("[torch.rand(4)]", top="def make():\n    return 3\nk = make()"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_problem_loads_and_its_seed_is_python(tmp_path: Path, name: str):
    task = file(tmp_path, ODD[name])
    assert "ModelNew" in classes(task.seeds["canonical"])
    assert task.module.shrunk == ""


REFUSED = {
    "no get_init_inputs": (PLAIN.replace("get_init_inputs", "init"), "no function get_init_inputs"),
    "a package": ("import timm\n" + PLAIN, "imports timm"),
    "a relative import": ("from . import layers\n" + PLAIN, "a problem is one file"),
    "a file": ("w = open('w').read()\n" + PLAIN, "reads or writes a file"),
    "a solution alone": (SEED, "this is a solution, not a problem"),
    "no Python": ("def f(:\n", "line 1: not Python"),
    "empty": ("", "is empty"),
    "only CUDA": (PLAIN.replace("3)]", "3).cuda()]"), "but the device is cpu"),
    "many reasons": ("import os, glob, io, timm, socket\n" + PLAIN, "; and 2 more"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_problem_that_cannot_be_taken_is_refused_with_a_reason(tmp_path: Path, name: str):
    text, says = REFUSED[name]
    with pytest.raises(InputError) as error:
        file(tmp_path, text)
    assert says in str(error.value)
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)


def test_no_problem_is_run_and_torch_is_not_imported(tmp_path):
    (tmp_path / "mine.py").write_text("print('run')\n" + PLAIN)
    code = (
        "import sys; from kernelgepa import tasks\n"
        f"tasks.load({str(tmp_path / 'mine.py')!r}); tasks.load('{KB}#L1/1')\n"
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
