"""Runs generated kernels for a GPU without one, against double precision. JSON in and out.

Triton's in its interpreter. CUDA's text as C++, each thread of a block a thread of this machine.
In: a list of {"target", "code", "kernel", "launch", "sizes"}; out: for each the largest error.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ["TRITON_INTERPRET"] = "1"

import torch
from compare import executed, made

from kernelgepa.kernelbench.source import with_sizes
from kernelgepa.launch import Launch, evaluate, forward_of, read
from kernelgepa.measured.contract import Context
from kernelgepa.triton.loader import load
from kernelgepa.triton.tensors import Seen, at, spec_of, values

SHIM = """
#include <barrier>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>
struct Dim { unsigned x; };
static thread_local Dim blockIdx, threadIdx;
static Dim blockDim;
static std::unique_ptr<std::barrier<>> gate;
static float lanes[1024];
#define __global__
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(n)
#define __shared__ static
#define __restrict__
static void __syncthreads() { gate->arrive_and_wait(); }
static float __int_as_float(unsigned u) { float f; memcpy(&f, &u, 4); return f; }
static float normcdff(float x) { return 0.5f * erfcf(-x * 0.70710678f); }
static float __shfl_xor_sync(unsigned, float value, int mask) {
    __syncthreads();
    lanes[threadIdx.x] = value;
    __syncthreads();
    return lanes[threadIdx.x ^ mask];
}
"""
MAIN = """
extern "C" void run(void **p, long long *n, unsigned grid, unsigned block) {
    blockDim.x = block;
    gate = std::make_unique<std::barrier<>>(block);
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < block; ++t)
        threads.emplace_back([=] {
            for (unsigned b = 0; b < grid; ++b) {
                threadIdx.x = t;
                blockIdx.x = b;
                fused(ARGUMENTS);
                gate->arrive_and_wait();
            }
        });
    for (auto &thread : threads) thread.join();
}
"""


def cuda(kernel: str, one: Launch, held: dict[str, Any]) -> None:
    tensors = [at(a.path, held) for a in one.arguments if a.kind == "tensor"]
    numbers = [a for a in one.arguments if a.kind == "number"]
    assert all(a.type == "int64" for a in numbers)
    texts = [f"(float *)p[{i}]" for i in range(len(tensors))]
    texts += [f"n[{i}]" for i in range(len(numbers))]
    with tempfile.TemporaryDirectory() as place:
        source, library = Path(place, "kernel.cpp"), Path(place, "kernel.so")
        source.write_text(SHIM + kernel + MAIN.replace("ARGUMENTS", ", ".join(texts)))
        command = ["c++", "-std=c++20", "-O1", "-shared", "-fPIC", "-pthread", str(source)]
        subprocess.run([*command, "-o", str(library)], check=True)
        run = ctypes.CDLL(str(library)).run
        run(
            (ctypes.c_void_p * len(tensors))(*[t.data_ptr() for t in tensors]),
            (ctypes.c_int64 * max(len(numbers), 1))(*[int(a.value) for a in numbers]),
            ctypes.c_uint(one.grid[0]),
            ctypes.c_uint(one.block[0]),
        )


def by_cuda(case: dict[str, Any], model: Any, inputs: list[Any], expected: Any) -> Any:
    forward = forward_of(case["code"])
    found = read(case["launch"], "cuda", forward)
    assert found.spec is not None, found.diagnostics
    named = {n: i.contiguous() for n, i in zip(forward.parameters, inputs, strict=True)}
    module = Seen(model, True)
    plan = evaluate(found.spec, values(named, True), module, [spec_of(expected)])
    out = torch.full_like(expected, float("nan"))
    for one in plan.launches:
        cuda(case["kernel"], one, {**named, "self": model, "out": out})
    return out


def error(case: dict[str, Any], sizes: dict[str, int]) -> float | str:
    problem = executed(with_sizes(case["code"], sizes))
    torch.manual_seed(5)
    inputs = problem["get_inputs"]()
    with torch.no_grad():
        model = made(problem["Model"], problem)
        expected = model(*inputs)
        want = made(problem["Model"], problem).double()(*[i.double() for i in inputs])
        if case["target"] == "cuda":
            got = by_cuda(case, model, inputs, expected)
        else:
            context = Context(problem, tuple(map(spec_of, inputs)), (spec_of(expected),), "cpu")
            new = load({k: case[k] for k in ("kernel", "launch")}, {"interpret": b"1"}, context)
            got = made(new, problem)(*inputs)
    if (got.shape, got.dtype, got.stride()) != (expected.shape, expected.dtype, expected.stride()):
        return f"{got.shape} {got.stride()}, expected {expected.shape}"
    scale = torch.maximum(want.abs(), want.abs().mean())
    return float(((got.double() - want).abs() / scale).max().nan_to_num(float("inf")))


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(json.dumps([[error(c, s) for s in c["sizes"]] for c in json.load(sys.stdin)]))
