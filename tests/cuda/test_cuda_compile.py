"""NVRTC in the sandbox: what comes of a source, and what is said of a wrong one."""

from __future__ import annotations

import pytest

from kernelgepa.cuda import counters, messages
from kernelgepa.cuda.compile import Compiler, _compiled, versions
from kernelgepa.cuda.counters import Usage
from kernelgepa.cuda.driver import capability
from kernelgepa.cuda.signature import kinds
from kernelgepa.errors import InfrastructureError
from kernelgepa.protocols import Limits
from kernelgepa.verdict import Stage

MIXED = """#include <cuda_fp16.h>
#include <mma.h>
template <class T, int N>
__global__ void shift(T* x, long long n, float a, char c) {
    __shared__ T s[N];
    s[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    if (threadIdx.x < n) x[threadIdx.x] = (T)((float)s[N - 1 - threadIdx.x] * a) + (T)(float)c;
}
extern "C" __global__ void plain(float* y) { y[0] = 1; }
__global__ void bare() {}
"""


def test_kernels_by_name_and_template_id(compiler: Compiler) -> None:
    made = compiler.compile(MIXED, ["shift<__half, 64>", "shift<float, 32>", "plain", "bare"])
    assert made.failed is None
    assert made.cubin[:4] == b"\x7fELF"
    assert made.names["plain"] == "plain"
    assert made.names["shift<float, 32>"] != made.names["shift<__half, 64>"]
    assert made.parameters["shift<float, 32>"] == (8, 8, 4, 1)
    assert made.parameters["plain"] == (8,)
    assert made.parameters["bare"] == ()
    assert made.usages["shift<float, 32>"].shared == 32 * 4
    assert made.usages["shift<__half, 64>"].shared == 64 * 2
    assert all(u.registers > 0 for u in made.usages.values())


def test_spills_and_stack_are_counted(compiler: Compiler) -> None:
    source = """__global__ void __launch_bounds__(1024, 2) heavy(float* y, int n) {
    float a[96];
    #pragma unroll
    for (int i = 0; i < 96; i++) a[i] = y[i * 1024 + threadIdx.x];
    for (int k = 0; k < n; k++)
        #pragma unroll
        for (int i = 0; i < 96; i++) a[i] = a[i] * a[(i + 1) % 96] + a[(i + 37) % 96];
    #pragma unroll
    for (int i = 0; i < 96; i++) y[i * 1024 + threadIdx.x] = a[i];
}"""
    used = compiler.compile(source, ["heavy"]).usages["heavy"]
    assert used.registers <= 32
    assert used.spill_stores > 0 < used.spill_loads
    assert used.stack > 0


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        ("__global__ void k(float* y) {\n  y[0] = foo(1);\n}", 2, '"foo" is undefined'),
        ("__global__ void k(float* y) {\n  int z = \"a\";\n}", 2, "cannot be used to initialize"),
        ("__global__ void k(float* y) {\n  y[0] = 1\n}", 3, 'expected a ";"'),
        (
            "template <class T> __device__ T f(T x) { return x.a; }\n"
            "__global__ void k(float* y) {\n  y[0] = f(y[1]);\n}",
            1,
            "from line 3",
        ),
        ("#include <torch/extension.h>\n__global__ void k() {}", 1, "without torch"),
        ('#include "mine.h"\n__global__ void k() {}', 1, "no such header"),
        ('#include "/etc/shadow"\n__global__ void k() {}', 1, "no such header"),
        ("float f(float x) { return x; }\n__global__ void k(float* y) { y[0] = f(1); }", 1,
         "write __device__ before it"),
        ('__global__ void k(float* y) {\n  asm("frob.f32 %0, %0;" : "+f"(y[0]));\n}', 2, "'frob'"),
        ("__global__ void other() {}", None, "'k' cannot be found in the source; it has other"),
        ("__device__ void k() {}", None, "it has no __global__ function"),
        ("", None, "it has no __global__ function"),
        ("template <typename T>\n__global__ void k(T* y) {}", None, "a template of that name"),
    ],
)  # fmt: skip
def test_an_error_is_told_with_its_line(
    compiler: Compiler, source: str, line: int | None, says: str
) -> None:
    made = compiler.compile(source, ["k"])
    assert made.failed is Stage.COMPILE
    assert made.cubin == b""
    found = [d for d in made.diagnostics if says in d.message]
    assert found, made.diagnostics
    assert (found[0].line, found[0].severity) == (line, "error")
    if line:
        assert found[0].source == source.splitlines()[line - 1].strip()


def test_warnings_of_a_good_kernel_are_told_too(compiler: Compiler) -> None:
    made = compiler.compile("__global__ void k() {\n  int idle;\n}", ["k"])
    assert made.failed is None
    assert [(d.severity, d.line) for d in made.diagnostics] == [("warning", 2)]


def test_too_much_static_shared_memory_compiles_and_has_no_place(compiler: Compiler) -> None:
    source = "__global__ void k(float* y) { __shared__ float s[20000]; s[threadIdx.x] = 1; "
    made = compiler.compile(source + "__syncthreads(); y[0] = s[7]; }", ["k"])
    assert made.failed is Stage.BUILD
    assert "80000 bytes, 49152 max" in made.diagnostics[0].message
    assert "extern __shared__" in made.diagnostics[0].message


def test_what_kernels_usually_include_is_there(compiler: Compiler) -> None:
    source = """#include <cuda_runtime.h>
#include <stdint.h>
#include <cstdint>
#include <cmath>
#include <math.h>
#include <cfloat>
#include <climits>
#include <limits>
#include <algorithm>
__global__ void k(float* y, int64_t n, uint8_t m, std::size_t z) {
    y[0] = std::max(y[1], y[2]) + std::exp(y[3]) + FLT_MAX + INT_MAX + M_PI + fmaxf(y[4], -INFINITY)
         + std::numeric_limits<float>::infinity() + std::numeric_limits<int32_t>::lowest();
}"""
    made = compiler.compile(source, ["k"])
    assert made.diagnostics == ()
    assert made.parameters["k"] == (8, 8, 1, 8)


def test_options_reach_the_compiler(compiler: Compiler) -> None:
    source = "__global__ void k(float* y) { y[0] = VALUE; }"
    assert compiler.compile(source, ["k"], options=["-DVALUE=3"]).failed is None
    assert compiler.compile(source, ["k"]).failed is Stage.COMPILE
    assert compiler.compile(source, ["k"], options=["-DVALUE=3"], arch="sm_80").failed is None
    odd = compiler.compile(source, ["k"], options=["-DVALUE=3"], arch="sm_12")
    assert odd.failed is Stage.COMPILE
    assert "gpu-architecture" in odd.diagnostics[0].message


def test_a_source_that_would_compile_for_ever_ends() -> None:
    bomb = """template <int N> struct A { enum { v = A<N - 1>::v + A<N - 2>::v }; };
#define E(x) x x x x x x x x x x x x x x x x
__global__ void k(int* y) { E(E(E(E(E(E(y[0] += y[1] * 3;)))))) }"""
    with Compiler() as own:
        own._pool.close()
        own._pool = own._own.workers(  # type: ignore[union-attr]
            "kernelgepa.cuda.worker:handle", 1, readable=own._folders,
            limits=Limits(wall_seconds=30, cpu_seconds=2, memory_bytes=2 << 30),
        )  # fmt: skip
        made = own.compile(bomb, ["k"])
    assert made.failed is Stage.COMPILE
    assert made.diagnostics[0].code in ("timeout", "out_of_memory")


@pytest.mark.parametrize("source", ["a\0b", "\ud800", "x" * (1 << 21)])
def test_what_is_no_source_is_refused(compiler: Compiler, source: str) -> None:
    assert compiler.compile(source, ["k"]).failed is Stage.REFUSED


def test_an_answer_that_is_none_is_not_taken(compiler: Compiler) -> None:
    for raw in (b"", b"{}", b'{"code": "", "log": "", "cubin": "!", "names": {}}', b"[1]"):
        with pytest.raises(InfrastructureError, match="not valid"):
            _compiled(raw, "", ["k"])


@pytest.mark.parametrize(
    ("text", "kernel", "found"),
    [
        ("const float* x, int n, float a", "k", ("pointer", "whole", "float")),
        ("float x[], unsigned long long n, T a", "k<int>", ("pointer", "whole", "")),
        ("dim3 d, std::size_t n, double", "ns::k", ("", "whole", "float")),
        ("cuda::std::array<int, 3> a, int /* , */ b = 3", "k", ("", "whole")),
        ("void", "k", ()),
        ("", "k", ()),
        ("int a", "other", None),
    ],
)
def test_kinds_of_parameters_in_the_text(
    text: str, kernel: str, found: tuple[str, ...] | None
) -> None:
    source = f'extern "C" __global__ void __launch_bounds__(256, 2) k({text}) {{ f(1); }}'
    assert kinds(source, kernel) == found


def test_names_in_messages_are_plain() -> None:
    log = "ptxas error   : Entry function '_Z6rowsumPfS_i' uses too much shared data (0x10 bytes)\n"
    assert "'rowsum'" in messages.diagnostics(log, "")[0].message


@pytest.mark.parametrize(
    ("registers", "shared", "threads", "dynamic", "arch", "percent"),
    [
        (32, 0, 256, 0, 90, 100.0),  # 8 warps a block, 64 warps: 8 blocks
        (64, 0, 256, 0, 90, 50.0),  # 16384 registers a block: 4 blocks
        (32, 0, 32, 0, 90, 50.0),  # 32 blocks of one warp
        (32, 48 << 10, 256, 0, 90, 50.0),  # 49 KiB of 228: 4 blocks
        (32, 0, 1024, 200 << 10, 90, 50.0),  # 201 KiB of 228: one block
        (32, 0, 1024, 228 << 10, 90, 0.0),  # more than a block may have
        (128, 0, 1024, 0, 90, 0.0),  # 131072 registers
        (40, 0, 1024, 0, 86, 100 * 32 / 48),  # 48 warps hold one block of 32
        (33, 0, 96, 0, 80, 75.0),  # 1280 registers a warp: 12 warps a quarter, 48: 16 blocks of 3
    ],
)  # fmt: skip
def test_occupancy_by_hand(
    registers: int, shared: int, threads: int, dynamic: int, arch: int, percent: float
) -> None:
    usage = Usage(registers, shared, 0, 0, 0)
    found = counters.occupancy(usage, threads, dynamic, arch)
    assert found is not None
    assert 100 * found == pytest.approx(percent)


def test_unknown_devices_have_no_occupancy() -> None:
    assert counters.occupancy(Usage(32, 0, 0, 0, 0), 256, 0, 77) is None


def test_versions_and_devices() -> None:
    found = versions()
    assert set(found) == {"nvrtc", "cuda-python", "cuda headers"}
    assert all(found.values())
    assert capability("cpu") is None
