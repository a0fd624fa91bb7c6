"""A CUDA kernel from source to verdict: NVRTC in the sandbox, and what load_inline runs.

    python -m benchmarks.cuda_compile [RUNS]

load_inline compiles two files that include torch's headers, with nvcc and with the C++ compiler;
the same commands are run here, one after the other, without the link, which needs torch for CUDA.
Nothing is launched, so this needs no device.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from kernelgepa.candidate import Candidate
from kernelgepa.cuda.adapter import CudaAdapter
from kernelgepa.task import Interface, ModuleReference, Task, Workload

PROBLEM = """
import torch
class Model(torch.nn.Module):
    def forward(self, x):
        return torch.relu(x)
def get_inputs():
    return [torch.rand(1024, 1024)]
def get_init_inputs():
    return []
"""
KERNEL = """
__global__ void clip(const float* x, float* y, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = fmaxf(x[i], 0.0f);  // %d
}
"""
LAUNCH = """
[[launch]]
kernel = "clip"
grid = ["ceildiv(x.numel, 256)"]
block = [256]
args = ["x", "out", "x.numel"]
"""
# What load_inline puts before and after: headers, and the binding.
DEVICE = """#include <torch/types.h>
#include <cuda.h>
#include <cuda_runtime.h>
%s
torch::Tensor run(torch::Tensor x) {
    auto y = torch::empty_like(x);
    int n = x.numel();
    clip<<<(n + 255) / 256, 256>>>(x.data_ptr<float>(), y.data_ptr<float>(), n);
    return y;
}
"""
MAIN = """#include <torch/extension.h>
torch::Tensor run(torch::Tensor x);
PYBIND11_MODULE(TORCH_EXTENSION_NAME, m) { m.def("run", &run); }
"""
RUNS = 5


def main(arguments: Sequence[str]) -> None:
    runs = int(arguments[0]) if arguments else RUNS
    task = Task(
        "clip", "cuda", Interface("", ()), (Workload("one", {}),), ModuleReference(PROBLEM), {}
    )
    adapter = CudaAdapter()
    try:
        number = iter(range(runs + 1))

        def build() -> None:
            parts = {"kernel": KERNEL % next(number), "launch": LAUNCH}
            built = adapter.build(task, Candidate(parts), "cpu")
            if built.failed is not None:
                raise SystemExit(f"the kernel does not compile: {built.diagnostics}")

        start = time.perf_counter()
        build()
        first = time.perf_counter() - start
        ours = statistics.median(_wall(build) for _ in range(runs))
    finally:
        adapter.close()
    print(
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {runs} runs, median wall clock"
    )
    print(f"{'path':58}{'wall s':>9}{'cpu s':>9}{'ratio':>9}")
    _row("ours: launch read, NVRTC in the sandbox, checked", ours, None, 1.0)
    _row("ours, first of a process: starts the sandbox's workers", first, None, first / ours)
    _theirs(ours)


def _wall(action: Callable[[], None]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _row(path: str, wall: float, cpu: float | None, ratio: float) -> None:
    shown = "-" if cpu is None else f"{cpu:.2f}"
    print(f"{path:58}{wall:9.3f}{shown:>9}{ratio:9.1f}")


def _theirs(ours: float) -> None:
    torch = importlib.util.find_spec("torch")
    compiler, nvcc = shutil.which("g++") or shutil.which("c++"), shutil.which("nvcc")
    if torch is None or torch.origin is None or compiler is None:
        print("load_inline: not measured, for torch or a C++ compiler is missing")
        return
    include = Path(torch.origin).parent / "include"
    common = ["-DTORCH_EXTENSION_NAME=clip", "-DTORCH_API_INCLUDE_EXTENSION_H"]
    folders = (include, include / "torch/csrc/api/include", sysconfig.get_path("include"))
    common += [part for folder in folders for part in ("-isystem", str(folder))]
    host = [compiler, *common, "-fPIC", "-std=c++20", "-c", "main.cpp", "-o", "main.o"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.cpp").write_text(MAIN)
        (Path(folder) / "cuda.cu").write_text(DEVICE % (KERNEL % 0))
        main_ = _timed(host, folder)
        _row("load_inline: main.cpp by the C++ compiler", *main_, main_[0] / ours)
        if nvcc is None:
            print("load_inline: cuda.cu not measured, for there is no nvcc: a lower bound")
            return
        device = [
            nvcc, *common, "--expt-relaxed-constexpr", "-gencode=arch=compute_90,code=sm_90",
            "--compiler-options", "-fPIC", "-std=c++20", "-c", "cuda.cu", "-o", "cuda.o",
        ]  # fmt: skip
        cuda = _timed(device, folder)
    _row("load_inline: cuda.cu by nvcc, with torch's headers", *cuda, cuda[0] / ours)
    both = [a + b for a, b in zip(main_, cuda, strict=True)]
    _row("load_inline: both, one after the other", both[0], both[1], both[0] / ours)
    most = max(main_[0], cuda[0])
    _row("load_inline: both at once, as it does with two cores", most, None, most / ours)


def _timed(command: Sequence[str], folder: str) -> tuple[float, float]:
    """Wall clock and processor time of a command that must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed: {done.stderr[-500:]}")
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, spent


if __name__ == "__main__":
    main(sys.argv[1:])
