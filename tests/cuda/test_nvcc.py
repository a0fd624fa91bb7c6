"""nvcc compiles what is exported. Collected where there is one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kernelgepa.cuda.export import device_source
from kernelgepa.launch import forward_of, read
from tests.cuda.made import KERNEL, LAUNCH, PROBLEM
from tests.cuda.nvcc import found
from tests.cuda.test_cuda_export import GENERAL, TWO


@pytest.mark.parametrize(("kernel", "launch"), [(KERNEL, LAUNCH), (TWO, GENERAL)])
def test_nvcc_takes_kernels_and_launcher(kernel: str, launch: str, tmp_path: Path) -> None:
    spec = read(launch, "cuda", forward_of(PROBLEM)).spec
    assert spec is not None
    file = tmp_path / "device.cu"
    file.write_text(device_source(kernel, spec))
    command = [str(found()), "-std=c++17", "-arch=sm_90", "-c", "-o", "device.o", file.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
