"""Kernels broken in ways for which the feedback once had no rule, a vague one or a wrong one.

Each with the section that must come first and words that a hint must have. They are other kernels
than those that led to the rules.
"""

from __future__ import annotations

from collections.abc import Mapping

Cases = Mapping[str, tuple[str, str, str]]

_HEAD = 'extern "C" __global__ void k(const float *a, float *b, int n) { int i = threadIdx.x; '


def _k(body: str, before: str = "") -> str:
    return f"{before}\n{_HEAD}\n{body}\n}}"


CUDA: Cases = {
    "wmma without its namespace": (
        _k("wmma::fragment<wmma::accumulator, 16, 16, 16, float> d;"), "cuda-mma", "mma.h"),
    "binding": (
        _k("b[i] = a[i];", 'PYBIND11_MODULE(ext, m) { m.def("run", &run); }'),
        "cuda-kernel", "torch's C++"),
    "tensor check": (_k("TORCH_CHECK(n > 0); b[i] = a[i];"), "cuda-kernel", "torch's C++"),
    "torch header": ("#include <ATen/ATen.h>\n" + _k("b[i] = a[i];"), "cuda-nvrtc", "raw pointers"),
    "min of two types": (_k("b[i] = min(1, a[i]);"), "cuda-math", "one type"),
    "three maxima": (_k("b[i] = fminf(a[0], a[1], a[2]);"), "cuda-math", "nest"),
    "barrier misspelt": (_k("__syncthreadss(); b[i] = a[i];"), "cuda-sync", "__syncthreads()"),
    "index misspelt": (_k("b[threadidx.x] = a[i];"), "cuda-index", "threadIdx"),
    "fast function misspelt": (_k("b[i] = __sqrt(a[i]);"), "cuda-fast-math", "there is no __sqrt"),
    "size not defined": (_k("__shared__ float t[TILE]; b[i] = t[i];"), "cuda-unroll",
                         "constexpr int TILE"),
    "bare restrict": (
        'extern "C" __global__ void k(float *restrict a) { a[0] = 1; }', "cuda-restrict",
        "__restrict__"),
    "unrolled by a parameter": (
        _k("#pragma unroll n\n for (int j = 0; j < n; j++) b[j] = a[j];"), "cuda-unroll",
        "compile time"),
    "fence": ("```cpp\n" + _k("b[i] = a[i];") + "\n```", "cuda-kernel", "Markdown"),
    "add to an input": (_k("atomicAdd(a + i, 1.0f);"), "cuda-restrict", "read-only"),
    "exchange of floats": (_k("b[i] = atomicCAS(b + 1, a[0], a[1]);"), "cuda-atomic-max",
                           "__float_as_int"),
    "vector of a float": (_k("float2 v; v = a[i]; b[i] = v.x;"), "cuda-vector-loads",
                          "another type"),
    "cast without const": (_k("b[i] = ((float4 *)0)->x + reinterpret_cast<float2 *>(a)->y;"),
                           "cuda-restrict", "const"),
    "size of a copy": (
        _k('__shared__ float t[64]; unsigned s = __cvta_generic_to_shared(t);\n'
           'asm volatile("cp.async.ca.shared.global [%0], [%1], 6;" :: "r"(s), "l"(a));'),
        "cuda-cp-async", "4, 8 or 16"),
    "converted without its header": (_k("b[i] = __bfloat162float(a[i]);"), "cuda-half",
                                     "cuda_bf16.h"),
    "activation": (_k("b[i] = silu(a[i]);"), "cuda-math", "no function silu"),
    "limits": (_k("b[i] = std::numeric_limits<float>::lowest();"), "cuda-constants", "<limits>"),
    "vector of too few": (_k("b[i] = make_float2(a[i]).x;"), "cuda-vector-types", "make_float2"),
    "barrier of a warp": (_k("__syncthreads(~0u); b[i] = a[i];"), "cuda-sync", "no argument"),
    "declared twice": (_k("int n = 3; b[i] = n; float i = 1;"), "cuda-kernel", "twice"),
    "remainder of floats": (_k("b[i] = a[i] % 3.0f;"), "cuda-math", "fmodf"),
    "half into float": (
        _k("half2 h = __float2half2_rn(a[i]); float f = h;", "#include <cuda_fp16.h>"),
        "cuda-half", "__low2float"),
    "python": (_k("b[i] = a[i];", "from torch import nn"), "cuda-kernel", "Python"),
    "value returned": (_k("return 0.0f;"), "cuda-kernel", "returns void"),
    "one argument of pow": (_k("b[i] = pow(a[i]);"), "cuda-math", "take two"),
    "size indexed": (_k("b[i] = a[n[i]];"), "cuda-cxx-errors", "compare the parameters"),
    "element called": (_k("b[i] = b(i);"), "cuda-cxx-errors", "x[i]"),
    "vector added": (_k("double2 v = *(double2 *)b; b[i] = (v + 1.0).x;"), "cuda-vector-types",
                     "one by one"),
    "structure as index": (_k("b[blockIdx] = a[i];"), "cuda-index", ".x, .y and .z"),
    "halves compared": (_k("half h = __float2half(a[i]); if (h > 0.5) b[i] = 1;",
                           "#include <cuda_fp16.h>"), "cuda-half", "convert to float first"),
    "address forgotten": (_k("atomicExch(b[i], a[i]);"), "cuda-atomics", "is the address"),
    "added to long": (_k("atomicAdd((long *)b, 1l);"), "cuda-atomics", "unsigned long long"),
    "reduction not written": (_k("b[i] = block_reduce_max(a[i]);"), "cuda-block-reduce",
                              "define it before"),
    "index not declared": (_k("b[gid] = 1;"), "cuda-index", "never declared"),
    "OpenCL": ("__kernel void k(__global float *b) { b[get_local_id(0)] = 1; }", "cuda-index",
               "OpenCL"),
    "unknown type": ('extern "C" __global__ void k(float64 *b) { b[0] = 1; }', "cuda-cxx-errors",
                     "begin with a type"),
    "instance of a parameter": (_k("b[i] = f<n>(a[i]);", "template <int N> __device__ float f(float"
                                   " x) { return N * x; }"), "cuda-unroll", "template argument"),
    "exception": (_k("if (i > n) throw i;"), "cuda-cxx-errors", "no exceptions"),
    "new instruction": (_k('asm volatile("setmaxnreg.inc.sync.aligned.u32 240;"); b[i] = 1;'),
                        "cuda-inline-ptx", "newer device"),
    "else alone": (_k("if (i < n) b[i] = 1; b[0] = 2; else b[i] = 0;"), "cuda-cxx-errors",
                   "else without its if"),
}  # fmt: skip

TRITON: Cases = {
    "power": ("v = tl.load(x_ptr + tl.arange(0, 16))\ntl.store(x_ptr + tl.arange(0, 16), v ** 3)",
              "triton-math", "tl.exp2"),
    "matrix operator": (
        "i = tl.arange(0, 16)\no = i[:, None] * 16 + i[None, :]\nv = tl.load(x_ptr + o)\n"
        "tl.store(x_ptr + o, v @ v)", "triton-dot", "tl.dot"),
    "no axis": ("tl.store(x_ptr + tl.program_id(), 1.0)", "triton-program-id", "takes the axis"),
    "dim": ("v = tl.load(x_ptr + tl.arange(0, 16))\ntl.store(x_ptr, tl.sum(v, dim=0))",
            "triton-reductions", "axis"),
    "least of two": ("v = tl.load(x_ptr + tl.arange(0, 16))\ntl.store(x_ptr, tl.min(v, 1.0))",
                     "triton-reductions", "tl.minimum"),
    "mask of a number": ("i = tl.arange(0, 16)\ntl.store(x_ptr + i, 1.0, mask=n)",
                         "triton-masks", "comparisons"),
    "choice": (
        "v = tl.load(x_ptr + tl.arange(0, 16))\n"
        "tl.store(x_ptr + tl.arange(0, 16), 0 if n > 3 else v)", "triton-where", "tl.where"),
    "shape": ("tl.store(x_ptr + tl.arange(0, 16), tl.full(16, 2.0, tl.float32))",
              "triton-broadcast", "tuple"),
    "axes of a store": ("i = tl.arange(0, 16)\ntl.store(x_ptr + i, tl.load(x_ptr + i)[None, :])",
                        "triton-broadcast", "one shape"),
    "padding": ("i = tl.arange(0, 16)\ntl.store(x_ptr + i, tl.load(x_ptr, boundary_check=(0,)))",
                "triton-masks", "mask="),
    "torch's type": ("tl.store(x_ptr, tl.zeros((16,), torch.float16))", "triton-types",
                     "tl.float32"),
    "indentation": ("i = tl.arange(0, 16)\n  j = i\ntl.store(x_ptr + i, 1.0)", "triton-kernel",
                    "not Python"),
    "returned": ("return tl.load(x_ptr + tl.arange(0, 16)) + 1", "triton-kernel", "tl.store"),
    "return in a loop": ("for i in range(n):\n    if i > 2:\n        return\ntl.store(x_ptr, 1.0)",
                         "triton-control-flow", "no return"),
    "bound of a loop": ("for i in range(n / 4):\n    tl.store(x_ptr + i, 1.0)", "triton-loops",
                        "tl.cdiv"),
    "product of vectors": ("v = tl.zeros((32,), tl.float32)\ntl.store(x_ptr, tl.dot(v, v))",
                           "triton-dot", "tl.sum(x * y)"),
    "list": ("v = tl.arange(0, 8)\ntl.store(x_ptr + tl.cat((v, v)), 1.0)", "triton-broadcast",
             "no list"),
    "store with other": ("tl.store(x_ptr, 1.0, mask=n > 1, other=0.0)", "triton-masks", "of loads"),
    "thread": ("tl.store(x_ptr + tl.thread_id(0), 1.0)", "triton-warps", "whole blocks"),
    "clip": ("tl.store(x_ptr, tl.clip(tl.load(x_ptr), 0.0, 6.0))", "triton-math", "tl.clamp"),
    "fourth axis": ("tl.store(x_ptr + tl.program_id(axis=4), 1.0)", "triton-program-id",
                    "0, 1 and 2"),
    "value and place": ("v, j = tl.min(tl.load(x_ptr + tl.arange(0, 16)), 0)\ntl.store(x_ptr, v)",
                        "triton-reductions", "return_indices"),
    "type of C": ("tl.store(x_ptr, tl.load(x_ptr).to(tl.double))", "triton-types", "tl.float64"),
    "mean and deviation": ("v = tl.std(tl.load(x_ptr + tl.arange(0, 16)))\ntl.store(x_ptr, v)",
                           "triton-reductions", "variance"),
    "product by name": ("v = tl.zeros((16, 16), tl.float16)\ntl.store(x_ptr, tl.mm(v, v))",
                        "triton-dot", "tl.dot(a, b)"),
    "infinity by name": ("tl.store(x_ptr, tl.maximum(tl.load(x_ptr), -tl.inf))", "triton-where",
                         'float("inf")'),
    "builtin": ("tl.store(x_ptr, any(tl.load(x_ptr + tl.arange(0, 16))))", "triton-reductions",
                "Python's own"),
    "converted by Python": ("tl.store(x_ptr, int(tl.load(x_ptr)))", "triton-types",
                            ".to(tl.int32)"),
    "other alone": ("tl.store(x_ptr, tl.load(x_ptr + 1, other=2.0))", "triton-masks", "mask= too"),
    "offset of a float": ("tl.store(x_ptr + n / 2, 1.0)", "triton-pointers", "// instead of /"),
    "pointer scaled": ("tl.store(x_ptr * n, 1.0)", "triton-pointers", "whole numbers only"),
    "two pointers": ("tl.store(x_ptr + x_ptr, 1.0)", "triton-pointers", "two pointers"),
    "host function": ("for j in range(triton.cdiv(n, 16)):\n    tl.store(x_ptr + j, 1.0)",
                      "triton-constexpr", "tl.cdiv"),
    "chosen by a condition": ("v = tl.load(x_ptr + tl.arange(0, 16))\ntl.store(x_ptr, v[v < 1])",
                              "triton-where", "tl.where"),
    "loop over a block": ("for j in tl.arange(0, 4):\n    tl.store(x_ptr + j, 1.0)", "triton-loops",
                          "tl.static_range"),
    "condition of a loop": ("j = tl.arange(0, 4)\nwhile j < n:\n    j += 1\n"
                            "tl.store(x_ptr + j, 1.0)", "triton-control-flow", "take one value"),
    "C": ("j = 0\nj++\ntl.store(x_ptr + j, 1.0)", "triton-kernel", "this is C"),
    "helper inside": ("def g(v):\n    return v\ntl.store(x_ptr, g(1.0))", "triton-kernel",
                      "top of the file"),
    "axes of a scalar": ("tl.store(x_ptr + tl.program_id(0)[:, None], 1.0)", "triton-broadcast",
                         "no axes"),
    "size of a pointer": ("tl.store(x_ptr + x_ptr.shape[1], 1.0)", "triton-pointers", "no sizes"),
}  # fmt: skip

TORCH: Cases = {
    "values and indices": ("torch.ones(3, 4) * torch.ones(3, 4).min(1)", "torch-semantics",
                           ".values"),
    "no such module": ("__import__('xformers_ops')", "torch-contract", "xformers_ops"),
    "argument of init": ("torch.ones(3) * eps", "torch-contract", "self.eps"),
    "fence": ("```\ntorch.ones(3)\n```", "torch-contract", "Markdown"),
    "dimensions": ("torch.cat([torch.ones(2, 3), torch.ones(2)])", "torch-shapes", "sizes"),
    "keyword": ("torch.ones(2, 3).mean(1, keep_dims=True)", "torch-semantics", "keepdim="),
    "integers": ("torch.arange(4).mean()", "torch-dtypes", "convert"),
    "masks": ("torch.ones(2).bool() - torch.zeros(2).bool()", "torch-dtypes", "booleans"),
    "shape called": ("torch.ones(3, 4).shape(1)", "torch-shapes", "x.size(0)"),
    "order of arguments": ("nn.functional.log_softmax(1, torch.ones(2))", "torch-semantics",
                           "order"),
    "weight": ("setattr(nn.Linear(2, 3), 'bias', torch.ones(3))", "torch-state", "nn.Parameter"),
    "letters of a product": ("torch.einsum('ik,kj->ij', torch.ones(2, 3), torch.ones(4, 2))",
                             "torch-shapes", "letter"),
    "window too large": ("nn.MaxPool2d(9)(torch.ones(1, 1, 4, 4))", "torch-shapes", "window"),
    "values of a channel": ("nn.BatchNorm1d(3)(torch.ones(2, 5))", "torch-shapes", "a channel"),
    "axis gone": ("torch.ones(2, 3).sum(1).mean(1)", "torch-shapes", "keepdim"),
    "parts of a whole": ("torch.ones(7).split([3, 3])", "torch-shapes", "add up"),
    "classes": ("nn.functional.nll_loss(torch.ones(2, 3), torch.ones(2))", "torch-dtypes",
                "whole numbers"),
    "types of a product": ("nn.Linear(2, 3)(torch.ones(1, 2).double())", "torch-dtypes",
                           "x.to(weight.dtype)"),
    "no bias": ("nn.Linear(2, 3, bias=False).bias * 2", "torch-semantics", "bias=False"),
    "layer added": ("nn.Linear(2, 3) * torch.ones(3)", "torch-state", "call it"),
    "misspelt layer": ("nn.BatchNorm(3)", "torch-semantics", "misspelling"),
    "operator": ("torch.ops.mine.run(torch.ones(2))", "torch-load-inline", "registered"),
    "file": ("open('/no/such/folder/a.cpp', 'w')", "torch-cpp", "mkdtemp"),
}  # fmt: skip

NPU: Cases = {
    "window": ("input_window_int16 *w; c[0] = window_readincr(w);", "kernel-file", "ADF"),
    "stream": ("writeincr(c, aie::load_v<16>(a));", "kernel-file", "ADF"),
    "first engine": ("v16acc48 s = undef_v16acc48(); c[0] = 1;", "accum", "first AI Engine"),
    "arm": ("int16x8_t v = vld1q_s16(a); vst1q_s16(c, v);", "kernel-file", "ARM"),
    "x86": ("__m256i v = _mm256_loadu_si256((__m256i *)a); c[0] = 1;", "kernel-file", "x86"),
    "quotient": (
        "auto v = aie::load_v<16>(a); aie::store_v(c, v / aie::load_v<16>(b));",
        "div",
        "no operator /",
    ),
    "type of the result": (
        "aie::store_v(c, aie::mul(aie::load_v<16>(a), b[0]).to_vector(4));",
        "to-vector",
        "element type",
    ),
    "condition on lanes": (
        "auto v = aie::load_v<16>(a); while (v < 3) v = aie::add(v, v);",
        "compare",
        "aie::select",
    ),
    "table": ("aie::store_v(c, aie::gather(b, aie::load_v<16>(a)));", "lookup", "addresses"),
    "three parts": (
        "auto v = aie::load_v<8>(a); aie::store_v(c, aie::concat(v, v, v));",
        "concat",
        "",
    ),
    "type of a load": ("aie::store_v(c, aie::load_v<int16, 32>(a));", "load", "elements alone"),
    "type of a broadcast": ("aie::store_v(c, aie::broadcast<32>(a[0]));", "broadcast", "first"),
    "other lanes": (
        "aie::store_v(c, aie::min(aie::load_v<32>(a), aie::load_v<16>(b)));",
        "vector",
        "as many lanes",
    ),
    "other elements": (
        "aie::store_v(c, aie::sub(aie::load_v<16>(a), aie::zeros<int8_t, 16>()));",
        "vector-cast",
        "unpack",
    ),
    "product stored": (
        "aie::store_v(c, aie::mul(aie::load_v<16>(a), int16_t(3)));",
        "to-vector",
        "to_vector<T>(shift)",
    ),
    "accumulator last": (
        "aie::accum<acc64, 16> s; auto v = aie::load_v<16>(a);\ns = aie::mac(v, v, s); c[0] = 1;",
        "mac",
        "comes first",
    ),
    "mask as a condition": (
        "auto v = aie::load_v<16>(a); if (aie::lt(v, v)) c[0] = 1;",
        "select",
        "a bit a lane",
    ),
    "shift of a product": (
        "aie::store_v(c, srs(aie::mul(aie::load_v<16>(a), b[0]), 2));",
        "to-vector",
        "first AI Engine",
    ),
    "lane added to": (
        "auto v = aie::load_v<16>(a); v[3] += 2.0f; aie::store_v(c, v);",
        "vector-element",
        "+= is not there",
    ),
    "GPU": ("c[blockIdx.x] = 1;", "kernel-file", "another machine"),
    "element for an address": ("aie::store_v(c, aie::load_v<8>(a[8]));", "load", "an address"),
    "mode": ("aie::set_rounding(aie::rounding_mode::even); c[0] = 1;", "rounding", "conv_even"),
    "word of chess": (
        "for (int i = 0; i < 4; i++) chess_pipelined c[i] = a[i];",
        "chess",
        "chess_loop_range",
    ),
    "bracket": ("c[0] = (a[0] + b[0];", "cxx-syntax", "parse"),
}

GCC: Cases = {
    "std::min": ('#include <algorithm>\nvoid f(float *a) { a[0] = std::min(1, a[1]); }',
                 "torch-cpp-errors", "one type"),
    "torch": ("void f(at::Tensor x) {}", "torch-cpp", "torch's headers"),
    "cuda": ("__device__ float f(float x) { return x; }", "torch-openmp", "CUDA"),
    "python": ("import math\nvoid f() {}", "torch-cpp", "Python"),
    "remainder": ("void f(float *a) { a[0] = a[1] % 3; }", "torch-cpp-errors", "std::fmod"),
    "container": ("void f() { std::map<int, int> m; }", "torch-cpp-errors", "#include <map>"),
    "type of an address": ("void g(float *); void f(double *a) { g(a); }", "torch-cpp-errors",
                           "the tensor's data"),
    "vector class": ("void f() { __m128d v; }", "torch-simd", "immintrin.h"),
    "made-up intrinsic": ("#include <immintrin.h>\nvoid f(__m128 v) { v = _mm_tanh_ps(v); }",
                          "torch-cpu-math", "Intel's library"),
    "captured": ("void f(float *a) { auto g = [](int i) { return a[i]; }; a[0] = g(1); }",
                 "torch-cpp-errors", "[&]"),
    "brace": ("void f(float *a) { if (a) { a[0] = 1; }", "torch-cpp-errors", "do not close"),
    "parameter again": ("void f(float *a, int n) { float n = 1; a[0] = n; }", "torch-cpp-errors",
                        "twice"),
}  # fmt: skip
