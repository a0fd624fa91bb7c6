"""Kernels launched through the driver. Collected where there is a device."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from kernelgepa.cuda import counters
from kernelgepa.cuda.adapter import CudaAdapter
from kernelgepa.cuda.compile import Compiler
from kernelgepa.cuda.driver import CudaError, bindings, capability, check
from kernelgepa.cuda.live import spec_of
from kernelgepa.cuda.loader import FACTS, load
from kernelgepa.launch import LaunchError
from kernelgepa.measured.contract import Context
from kernelgepa.verdict import Stage
from tests.cuda.made import KERNEL, LAUNCH, PROBLEM, candidate, task

DEVICE = "cuda:0"
ROOT = Path(__file__).parents[2]


def made(
    adapter: CudaAdapter,
    kernel: str = KERNEL,
    launch: str = LAUNCH,
    code: str = PROBLEM,
    without_sizes: bool = False,
) -> tuple[Any, Any, list[Any]]:
    """(the candidate's module, the reference's with the same weights, inputs)."""
    built = adapter.build(task(code), candidate(kernel, launch), DEVICE)
    assert built.failed is None, built.diagnostics
    assert built.unverified == ""
    names: dict[str, Any] = {}
    exec(code, names)
    torch.manual_seed(1)
    inputs = [v.to(DEVICE) for v in names["get_inputs"]()]
    torch.manual_seed(2)
    reference = names["Model"](*names["get_init_inputs"]()).to(DEVICE)
    with torch.no_grad():
        out = reference(*inputs)
    outputs = tuple(spec_of(o) for o in (out if isinstance(out, tuple) else (out,)))
    context = Context(names, tuple(spec_of(v) for v in inputs), outputs, DEVICE)
    payload = dict(built.payload)
    if without_sizes:
        facts = json.loads(payload[FACTS])
        payload[FACTS] = json.dumps({**facts, "parameters": {}}).encode()
    made_ = load(candidate(kernel, launch).components, payload, context)
    torch.manual_seed(2)
    return made_(*names["get_init_inputs"]()).to(DEVICE), reference, inputs


@pytest.mark.parametrize("without_sizes", [False, True])
def test_a_right_kernel_gives_what_the_reference_gives(
    adapter: CudaAdapter, without_sizes: bool
) -> None:
    module, reference, inputs = made(adapter, without_sizes=without_sizes)
    with torch.no_grad():
        for _ in range(4):
            inputs[0].normal_()
            assert torch.allclose(module(*inputs), reference(*inputs), atol=1e-6)


PLAIN = """
import torch
class Model(torch.nn.Module):
    def forward(self, x):
        return %s
def get_inputs():
    return [torch.randn(64, 1000)]
def get_init_inputs():
    return []
"""
SUM = """
extern "C" __global__ void part(const float* x, float* p, int n) {
    extern __shared__ float s[];
    float v = 0;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
        v += x[i];
    s[threadIdx.x + 20000] = v;
    __syncthreads();
    for (int k = blockDim.x / 2; k; k /= 2) {
        if (threadIdx.x < k) s[threadIdx.x + 20000] += s[threadIdx.x + 20000 + k];
        __syncthreads();
    }
    if (!threadIdx.x) atomicAdd(p, s[20000]);
}
extern "C" __global__ void finish(const float* p, float* y) { *y = *p; }
"""
SUM_LAUNCH = """
[[buffer]]
name = "p"
shape = [1]
dtype = "float32"
zero = true
[[launch]]
kernel = "part"
grid = [40]
block = [256]
shared = "(20000 + 256) * 4"
args = ["x", "p", "x.numel"]
[[launch]]
kernel = "finish"
grid = [1]
block = [1]
args = ["p", "out"]
"""


def test_two_launches_a_zeroed_buffer_and_much_shared_memory(adapter: CudaAdapter) -> None:
    module, reference, inputs = made(adapter, SUM, SUM_LAUNCH, PLAIN % "x.sum()")
    for _ in range(3):
        assert torch.allclose(module(*inputs), reference(*inputs), rtol=1e-4, atol=1e-2)


ALL_TYPES = """
#include <cuda_fp16.h>
#include <cuda_bf16.h>
__global__ void several(float* y, char a, unsigned char b, short c, unsigned short d, int e,
                    unsigned f, long long g, unsigned long long h, __half i, __nv_bfloat16 j,
                    float k, double l, bool m, const float* none) {
    float v[14] = {(float)a, (float)b, (float)c, (float)d, (float)e, (float)f, (float)g, (float)h,
                   __half2float(i), __bfloat162float(j), k, (float)l, (float)m,
                   none == nullptr ? 1.0f : 0.0f};
    int t = threadIdx.x;
    if (t < 14) y[t] = v[t];
}
"""
ALL_LAUNCH = """
[[launch]]
kernel = "several"
grid = [1]
block = [32]
args = [
    "out", "-3:int8", "200:uint8", "-300:int16", "60000:uint16", "-70000:int32",
    "3000000000:uint32", "-(2 ** 40):int64", "2 ** 60:uint64", "1.5:float16",
    "-2.5:bfloat16", "0.25", "0.125", "1:bool", "self.none",
]
"""


def test_arguments_of_every_type_arrive(adapter: CudaAdapter) -> None:
    code = (PLAIN % "torch.arange(14, device=x.device, dtype=x.dtype)").replace(
        "    def forward", "    none = None\n    def forward"
    )
    module, _, inputs = made(adapter, ALL_TYPES, ALL_LAUNCH, code)
    want = [-3, 200, -300, 60000, -70000, 3e9, -(2**40), 2**60, 1.5, -2.5, 0.25, 0.125, 1, 1]
    assert module(*inputs).tolist() == [torch.tensor(float(w)).item() for w in want]


COPY = """__global__ void copy(const float* x, float* y, int n) {
    int i = blockIdx.x * 256 + threadIdx.x;
    if (i < n) y[i] = x[i];
}
"""
COPY_LAUNCH = """
[[launch]]
kernel = "copy"
grid = ["ceildiv(x.numel, 256)"]
block = [256]
args = ["x", "out", "x.numel"]
"""


def test_inputs_of_other_layouts_are_passed_contiguous(adapter: CudaAdapter) -> None:
    code = (PLAIN % "x.contiguous()").replace("randn(64, 1000)", "randn(1000, 64).t()")
    module, reference, inputs = made(adapter, COPY, COPY_LAUNCH, code)
    assert not inputs[0].is_contiguous()
    assert torch.equal(module(*inputs), reference(*inputs))


def test_what_is_not_written_is_no_number(adapter: CudaAdapter) -> None:
    short = COPY_LAUNCH.replace('"out", "x.numel"', '"out", "x.numel - 3"')
    module, reference, inputs = made(adapter, COPY, short, PLAIN % "x.clone()")
    want = reference(*inputs)  # its memory may be what the kernel gets
    del want
    got = module(*inputs).flatten()
    assert got[-3:].isnan().all()
    assert torch.equal(got[:-3], inputs[0].flatten()[:-3])


def test_it_runs_on_the_current_stream(adapter: CudaAdapter) -> None:
    module, _, inputs = made(adapter, COPY, COPY_LAUNCH, PLAIN % "x.clone()")
    for _ in range(3):
        module(*inputs)
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        torch.cuda._sleep(20_000_000)
        inputs[0].fill_(3)
        got = module(*inputs)
    side.synchronize()
    assert torch.equal(got, torch.full_like(got, 3))


def test_a_launch_that_fails_names_kernel_and_error(adapter: CudaAdapter) -> None:
    small = COPY.replace("__global__ void copy", "__global__ void __launch_bounds__(64) copy")
    module, _, inputs = made(adapter, small, COPY_LAUNCH, PLAIN % "x.clone()")
    with pytest.raises(CudaError, match=r"kernel copy, grid \[250, 1, 1\].*CUDA_ERROR_"):
        module(*inputs)


def test_a_specification_that_fails_on_these_shapes_says_so(adapter: CudaAdapter) -> None:
    wrong = COPY_LAUNCH.replace('"ceildiv(x.numel, 256)"', '"x.shape[0] - 64"')
    module, _, inputs = made(adapter, COPY, wrong, PLAIN % "x.clone()")
    with pytest.raises(LaunchError, match=r"grid\[0\] is 0"):
        module(*inputs)


FAULT = """
from kernelgepa.cuda.adapter import CudaAdapter
from kernelgepa.cuda.driver import CudaError
from tests.cuda.test_gpu import COPY_LAUNCH, PLAIN, made
wild = "__global__ void copy(const float* x, float* y, int n) { y[(long long)n << 40] = x[0]; }"
adapter = CudaAdapter()
module, _, inputs = made(adapter, wild, COPY_LAUNCH, PLAIN % "x.clone()")
try:
    module(*inputs)
except CudaError as error:
    print("SAID", error)
adapter.close()
"""


def test_a_fault_names_the_kernel() -> None:
    """In a process of its own, which cannot use the device afterwards."""
    done = subprocess.run(
        [sys.executable, "-c", FAULT],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    said = [line for line in done.stdout.splitlines() if line.startswith("SAID")]
    assert said, done.stderr
    assert "kernel copy" in said[0]
    assert "CUDA_ERROR_" in said[0]


@pytest.mark.parametrize("threads", [32, 64, 96, 128, 256])
@pytest.mark.parametrize("dynamic", [0, 10_000, 40_000])
def test_occupancy_is_what_the_driver_says(compiler: Compiler, threads: int, dynamic: int) -> None:
    arch = capability(DEVICE)
    assert arch is not None
    found = compiler.compile(KERNEL, ["scale<float, 256>"], f"sm_{arch}")
    driver = bindings()
    torch.zeros(1, device=DEVICE)
    library = check(driver, driver.cuModuleLoadData(found.cubin), "load")
    name = found.names["scale<float, 256>"].encode()
    function = check(driver, driver.cuModuleGetFunction(library, name), "get")
    ask = driver.cuOccupancyMaxActiveBlocksPerMultiprocessor
    blocks = check(driver, ask(function, threads, dynamic), "occupancy")
    ours = counters.occupancy(found.usages["scale<float, 256>"], threads, dynamic, arch)
    if ours is not None:
        assert ours * counters.SMS[arch].warps == blocks * threads // 32


def test_a_kernel_for_another_device_is_refused(adapter: CudaAdapter) -> None:
    other = "sm_80" if capability(DEVICE) != 80 else "sm_90"
    text = f'options = ["-arch={other}"]\n' + LAUNCH
    built = adapter.build(task(), candidate(launch=text), DEVICE)
    assert built.failed is Stage.REFUSED


def test_a_device_that_is_not_there_leaves_it_unverified(adapter: CudaAdapter) -> None:
    built = adapter.build(task(), candidate(), "cuda:99")
    assert "not run" in built.unverified
