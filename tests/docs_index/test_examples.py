"""Examples of the handbooks for GPUs and the CPU compile, and where they can be run, are right.

CUDA's are compiled only; Triton's run in its interpreter and are compiled for a GPU; torch's run,
and C++ of theirs is compiled.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kernelgepa.cuda.headers import library
from kernelgepa.docs_index import sections

SCRIPT = Path(__file__).with_name("run_examples.py")
LEAST = {"cuda": 50, "triton": 35, "torch": 20}


def test_there_are_sections_for_every_target() -> None:
    for target, least in LEAST.items():
        assert sum(s.target == target for s in sections()) >= least


@pytest.mark.parametrize("kind", ["torch", "triton", "triton-compile"])
def test_examples_of_python_are_right(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), kind], capture_output=True, text=True, check=False,
        timeout=300,
    )  # fmt: skip
    *wrong, counted = done.stdout.strip().split("\n")
    assert wrong == [], done.stdout
    assert re.fullmatch(r"\d+ examples", counted), done.stdout + done.stderr
    assert int(counted.split()[0]) >= LEAST[kind.partition("-")[0]]


def test_examples_of_cuda_compile() -> None:
    nvrtc = library()
    wrong = []
    for section in (s for s in sections() if s.target == "cuda"):
        _, program = nvrtc.nvrtcCreateProgram(section.code.encode(), b"k.cu", 0, [], [])
        options = [b"--gpu-architecture=sm_80", b"--std=c++17"]
        status = nvrtc.nvrtcCompileProgram(program, len(options), options)[0]
        _, size = nvrtc.nvrtcGetProgramLogSize(program)
        log = b" " * size
        nvrtc.nvrtcGetProgramLog(program, log)
        said = log.decode().strip("\0 \n")
        if int(status) or "warning" in said:
            wrong.append((section.id, said[:400]))
        nvrtc.nvrtcDestroyProgram(program)
    assert wrong == []
