"""The bundled tasks whose reference is a module of torch, and mistakes in folders like theirs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from kernelgepa import tasks
from kernelgepa.errors import InputError
from kernelgepa.kernelbench.source import with_sizes

INFOS = [i for target in ("torch", "cuda", "triton") for i in tasks.list_tasks(target)]
FOLDERS = {i.name: i.path for i in INFOS}
TORCH = [i.name for i in INFOS if i.target == "torch"]


def executed(text: str) -> dict[str, Any]:
    """Names of a text of our own, run."""
    names: dict[str, Any] = {"__name__": "made"}
    exec(text, names)
    return names


def test_there_are_tasks_of_every_target():
    count = {target: len(tasks.list_tasks(target)) for target in ("torch", "cuda", "triton")}
    assert count == {"torch": 12, "cuda": 4, "triton": 4}
    assert all("float32" in i.dtype for i in INFOS)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_task_has_a_hidden_workload_of_sizes_of_its_own(name: str):
    task = tasks.load(name, device="cpu")
    hidden = [w for w in task.workloads if w.uses == frozenset({"hidden"})]
    shown = [w for w in task.workloads if w not in hidden]
    assert len(shown) >= 2
    assert len(hidden) == 1
    assert hidden[0].scalars not in [w.scalars for w in shown]
    assert task.shapes == "general"
    assert set(task.components) == (set() if task.target == "torch" else {"launch"})


@pytest.mark.parametrize("name", TORCH)
def test_a_seed_of_torch_is_equal_to_its_reference_at_every_size(name: str):
    import torch  # noqa: PLC0415

    task = tasks.load(name, device="cpu")
    new = executed(task.seeds["canonical"])
    for workload in task.workloads:
        sizes = {n: int(v) for n, v in workload.scalars.items()}
        old = executed(with_sizes(task.module.code, sizes))
        torch.manual_seed(3)
        inputs, init = old["get_inputs"](), old["get_init_inputs"]()
        made = []
        for kind in (old["Model"], new["ModelNew"]):
            torch.manual_seed(4)
            made.append(kind(*init)(*inputs))
        assert torch.equal(*made)
        assert torch.isfinite(made[0]).all()
        assert made[0].abs().max() > 1e-3


def sentence(folder: Path, file: str, old: str, new: str) -> str:
    """What is said of a copy of a task with one mistake."""
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        tasks.load(str(folder), device="cpu")
    assert "\n" not in str(error.value)
    return str(error.value)


MISTAKES = [
    ("swiglu", "task.toml", "rows =", "row =", r"workload '\w+': sizes: 'row' is not assigned"),
    ("swiglu", "task.toml", "rows = ", "rows = 1.", "whole number"),
    ("swiglu", "task.toml", '"general"', '"fixed"', "has other shapes than"),
    ("swiglu", "task.toml", "summary", 'function = "f"\nsummary', "unknown key 'function'"),
    ("swiglu", "task.toml", '"tall"', '"square"', "a name of its own"),
    ("swiglu", "task.toml", '"torch"', '"cuda"', "of target cuda but no kernel.cu"),
    ("swiglu", "reference.py", "def get_inputs", "def inputs", "no function get_inputs"),
    ("swiglu", "reference.py", "import torch", "import os, torch", "imports os"),
    ("swiglu", "kernel.py", "ModelNew", "Model", "defines no class ModelNew"),
    ("swiglu", "kernel.py", "class", "clas", "kernel.py: line 4: not Python"),
    ("softmax_cuda", "kernel.cu", "__global__", "static", "expected a CUDA kernel"),
    ("softmax_cuda", "launch.toml", '"softmax"', '"softmix"', "launches 'softmix'"),
    ("softmax_cuda", "launch.toml", "x.shape", "y.shape", "unknown name 'y'"),
    ("softmax_triton", "kernel.py", "@triton.jit", "", "expected a function with @triton.jit"),
    ("softmax_triton", "launch.toml", '"softmax"', '"exp"', "launches 'exp'"),
    ("softmax_triton", "launch.toml", "constants", "block = [1]\nconstants", "block"),
]


@pytest.mark.parametrize(("name", "file", "old", "new", "says"), MISTAKES)
def test_a_folder_with_one_mistake(
    tmp_path: Path, name: str, file: str, old: str, new: str, says: str
):
    shutil.copytree(FOLDERS[name], tmp_path / "mine")
    assert re.search(says, sentence(tmp_path / "mine", file, old, new))


def test_a_folder_lacks_a_file(tmp_path: Path):
    shutil.copytree(FOLDERS["softmax_triton"], tmp_path / "mine")
    (tmp_path / "mine" / "launch.toml").unlink()
    with pytest.raises(InputError, match=r"of target triton but no launch\.toml"):
        tasks.load(str(tmp_path / "mine"), device="cpu")


def test_checking_reads_a_task_and_says_what_is_wrong(tmp_path: Path):
    assert tasks.check("softmax_triton") == []
    shutil.copytree(FOLDERS["softmax_cuda"], tmp_path / "mine")
    said = sentence(tmp_path / "mine", "launch.toml", '"softmax"', '"softmix"')
    assert tasks.check(str(tmp_path / "mine")) == [said]
