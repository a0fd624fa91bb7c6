"""`optimize --seed-kernel FILE`: a run that begins with a kernel its user has."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from cli_support import Done

import kernelgepa
from kernelgepa import tasks
from kernelgepa.candidate import Candidate
from kernelgepa.engine.journal import read
from kernelgepa.errors import InputError
from kernelgepa.verdict import Stage

PROBLEM = """\
import torch


class Model(torch.nn.Module):
    def forward(self, a, b):
        return torch.relu(a + b)


def get_inputs():
    return [torch.randn(64, 96), torch.randn(64, 96)]


def get_init_inputs():
    return []
"""
# Without torch's own headers, which take a compiler half a minute.
NEW = '''\
import torch
from torch.utils.cpp_extension import load_inline

SOURCE = """
#include <cstdint>
#include <pybind11/pybind11.h>

void add_relu(uintptr_t a, uintptr_t b, uintptr_t out, int64_t count) {
    auto x = reinterpret_cast<const float *>(a), y = reinterpret_cast<const float *>(b);
    for (int64_t i = 0; i < count; i++)
        reinterpret_cast<float *>(out)[i] = x[i] + y[i] > 0.0f ? x[i] + y[i] : 0.0f;
}
PYBIND11_MODULE(TORCH_EXTENSION_NAME, module) { module.def("add_relu", &add_relu); }
"""
built = load_inline(name="add_relu", cpp_sources=SOURCE, no_implicit_headers=True)


class ModelNew(torch.nn.Module):
    def forward(self, a, b):
        a, b, out = a.contiguous(), b.contiguous(), torch.empty_like(a)
        built.add_relu(a.data_ptr(), b.data_ptr(), out.data_ptr(), a.numel())
        return out
'''
OTHER = tasks.load("relu_i8").seeds["canonical"].replace("for (", "// mine\n    for (", 1)


def first(run: Path) -> dict:
    return next(e for e in read(run) if e["event"] == "judged")


def test_a_modelnew_with_load_inline_is_built_in_the_sandbox_and_is_the_seed(work: Path):
    """The run is interrupted once its seed is judged: each further verdict would build it again."""
    (work / "add.py").write_text(PROBLEM)
    (work / "new.py").write_text(NEW)
    words = ["optimize", "add.py", "--seed-kernel", "new.py", "--device", "cpu", "--budget", "1"]
    with subprocess.Popen(
        [sys.executable, "-m", "kernelgepa", *words, "--out", "run"], cwd=work,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
        # A shell starts what runs in its background with interrupts ignored, and we inherit that.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as run:  # fmt: skip
        while run.poll() is None and not any(e["event"] == "judged" for e in read(work / "run")):
            time.sleep(0.1)
        run.send_signal(signal.SIGINT)
        out, _ = run.communicate(timeout=120)
    assert "start given kernel" in out, out
    seed = first(work / "run")["verdict"]
    assert [w["stage"] for w in seed["workloads"]] == [Stage.CORRECT], seed
    assert seed["candidate"] == Candidate.kernel(NEW).id


def test_a_run_of_a_kernel_given_goes_on_and_its_export_is_verified_without_the_file(
    work: Path, command: Callable[..., Done]
):
    assert "// mine" in OTHER
    file = work / "mine.cc"
    file.write_text(OTHER)
    words = ("optimize", "relu_i8", "--seed-kernel", "mine.cc", "--budget", "1", "--out", "run")
    assert command(*words).code == 0
    file.unlink()
    assert command("resume", "run", "--budget", "2").code == 0
    assert command("export", "run", "--out", "made").code == 0
    assert "    // mine" in (work / "made" / "kernel.diff").read_text()
    verified = command("verify", "made")
    assert verified.code == 0, verified


def test_python_takes_the_text_or_the_file(work: Path):
    (work / "mine.cc").write_text(OTHER)
    for out, given in (("a", OTHER), ("b", Path("mine.cc"))):
        result = kernelgepa.optimize("relu_i8", budget=1, seed_kernel=given, out=out)
        assert result.only.seed.candidate.source == OTHER
    with pytest.raises(InputError, match="start is 'stub'"):
        kernelgepa.optimize("relu_i8", seed_kernel=OTHER, start="stub")


@pytest.mark.parametrize(
    ("task", "name", "text", "says"),
    [
        ("add.py", "none.py", None, r"cannot read the kernel none\.py: No such file"),
        ("add.py", "half.py", "class ModelNew(", r"half\.py.*not Python"),
        ("add.py", "model.py", PROBLEM, r"model\.py: it defines no class ModelNew"),
        ("add.py", "blank.py", " \n", r"blank\.py is empty"),
        ("add.py", "k.cu", "__global__ void f() {}", r"k\.cu .*target torch are Python.*\.py"),
        ("relu_i8", "new.py", NEW, r"new\.py .*target npu-sim are C\+\+.*\.cc"),
        ("relu_i8", "k.cc", "void other(int8_t *x) {}", r"k\.cc: it defines no function `void \w+"),
        ("axpy_relu_cuda", "k.py", NEW, r"k\.py .*target cuda are CUDA C\+\+.*\.cu"),
        ("axpy_relu_cuda", "k.cu", "__global__ void f() {}", r"k\.cu: it launches '\w+', which"),
        ("folder", "k.cc", OTHER, r"k\.cc goes with one task, and 2 are named"),
    ],
)
def test_what_cannot_be_the_seed_is_one_sentence(
    work: Path, command: Callable[..., Done], task: str, name: str, text: str | None, says: str
):
    (work / "add.py").write_text(PROBLEM)
    if text is not None:
        (work / name).write_text(text)
    if task == "folder":
        (work / "folder").mkdir()
        for one in ("scale", "shift"):
            code = f"/*\nin size: 64\n*/\nvoid {one}(int8_t *in, int8_t *out) {{\n"
            loop = "    for (int32_t i = 0; i < 64; i++)\n        out[i] = in[i];\n}\n"
            (work / "folder" / f"{one}.cc").write_text(code + loop)
    done = command("optimize", task, "--seed-kernel", name)
    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1, done.err
    assert re.search(says, done.err), done.err
    assert not (work / "runs").exists()
