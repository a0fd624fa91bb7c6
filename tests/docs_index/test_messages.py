"""Real messages of NVRTC, ptxas, Triton, g++ and torch find the section that answers them.

The messages are made here, by the compilers and libraries that are installed. What was at hand when
the rules were written and what was not are measured apart.
"""

from __future__ import annotations

import ctypes
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from kernelgepa.cuda import messages
from kernelgepa.cuda.headers import folders, library
from kernelgepa.feedback.manual import answers
from kernelgepa.feedback.tables import hints
from kernelgepa.triton import worker
from kernelgepa.verdict import Diagnostic

from . import wrong


def of_nvrtc(source: str) -> list[Diagnostic]:
    nvrtc = library()
    _, program = nvrtc.nvrtcCreateProgram(source.encode(), b"kernel.cu", 0, [], [])
    places = [f"--include-path={p}".encode() for p in folders()]
    options = [b"--gpu-architecture=sm_80", b"--std=c++17", *places]
    nvrtc.nvrtcCompileProgram(program, len(options), options)
    _, size = nvrtc.nvrtcGetProgramLogSize(program)
    log = b" " * size
    nvrtc.nvrtcGetProgramLog(program, log)
    nvrtc.nvrtcDestroyProgram(program)
    return list(messages.diagnostics(log.decode().rstrip("\0"), source))


REFERENCE = """
import torch
class Model(torch.nn.Module):
    def forward(self, x):
        return x + 1
def get_inputs():
    return [torch.rand(64)]
def get_init_inputs():
    return []
"""
LAUNCH = '[[launch]]\nkernel = "k"\ngrid = [1]\nargs = ["out", "x.numel:int32"]\n'
HEAD = """import math

import triton
import triton.language as tl

SIZE = 16


def helper(x):
    return x


@triton.jit
def k(x_ptr, n):
"""


def of_triton(body: str) -> list[Diagnostic]:
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    request = {
        "kernel": HEAD + lines, "launch": LAUNCH, "reference": REFERENCE, "interpret": False,
        "capability": 90,
    }  # fmt: skip
    told = json.loads(worker.build(json.dumps(request).encode()))
    return [Diagnostic(**found) for found in told["diagnostics"]]


def of_gcc(source: str) -> list[Diagnostic]:
    """As Python code that calls the compiler would raise it."""
    Path("k.cpp").write_text(source)
    command = ["g++", "-O1", "-fopenmp", "-c", "k.cpp", "-o", "k.o"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [Diagnostic(f"RuntimeError: {done.stderr}")] if done.returncode else []


def of_torch(text: str) -> list[Diagnostic]:
    try:
        eval(text, {"torch": torch, "nn": nn, "ctypes": ctypes})
    except Exception as error:
        return [Diagnostic(f"{type(error).__name__}: {error}", source=text)]
    return []


MAKERS: dict[str, tuple[str, Callable[[str], list[Diagnostic]], wrong.Cases, wrong.Cases]] = {
    "nvrtc": ("cuda", of_nvrtc, wrong.CUDA_KNOWN, wrong.CUDA_FRESH),
    "triton": ("triton", of_triton, wrong.TRITON_KNOWN, wrong.TRITON_FRESH),
    "gcc": ("torch", of_gcc, wrong.CPP_KNOWN, wrong.CPP_FRESH),
    "torch": ("torch", of_torch, wrong.TORCH_KNOWN, wrong.TORCH_FRESH),
}


@pytest.mark.usefixtures("own_temporaries")
@pytest.mark.parametrize("maker", MAKERS)
def test_messages_find_their_sections(
    maker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property
) -> None:
    monkeypatch.chdir(tmp_path)  # compilers keep files where they are called
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path / "cache"))
    target, make, known, fresh = MAKERS[maker]
    for name, cases, least in (("known", known, 0.95), ("fresh", fresh, 0.8)):
        missed, first = [], 0
        for case, (text, wanted) in cases.items():
            notes = [d for d in make(text) if d.severity == "error"]
            assert notes, f"{case} is accepted"
            found = [s.id for s in answers(notes[0], target)]
            first += bool(found) and found[0] in wanted
            if not set(wanted) & set(found):
                missed.append((case, notes[0].message[:300], found))
            assert all(s.target == target for s in answers(notes[0], target))
        recall = 1 - len(missed) / len(cases)
        record_property(f"{name} recall@1 and @3", (first / len(cases), recall))
        print(f"{maker}, {name}: recall@1 {first / len(cases):.2f}, recall@3 {recall:.2f} {missed}")
        assert recall >= least, missed


def test_a_rule_of_one_target_never_answers_another() -> None:
    said = "two pointers declared __restrict touch; not a multiple of 32 bytes; lanes"
    assert hints(Diagnostic(said), "npu-sim")
    assert not any("aie::" in h for t in ("cuda", "triton", "torch") for h in hints(
        Diagnostic(said), t
    ))  # fmt: skip
    assert hints(Diagnostic(said), "another") == []
