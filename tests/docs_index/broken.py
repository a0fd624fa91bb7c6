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
}  # fmt: skip

TRITON: Cases = {
    "power": ("v = tl.load(x_ptr + tl.arange(0, 16))\ntl.store(x_ptr + tl.arange(0, 16), v ** 3)",
              "triton-math", "tl.exp2"),
    "matrix operator": (
        "i = tl.arange(0, 16)\no = i[:, None] * 16 + i[None, :]\nv = tl.load(x_ptr + o)\n"
        "tl.store(x_ptr + o, v @ v)", "triton-dot", "tl.dot"),
    "no axis": ("tl.store(x_ptr + tl.program_id(), 1.0)", "triton-program-id", "does not fit"),
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
}  # fmt: skip

TORCH: Cases = {
    "values and indices": ("torch.ones(3, 4) * torch.ones(3, 4).min(1)", "torch-semantics",
                           ".values"),
    "no such module": ("__import__('xformers_ops')", "torch-contract", "xformers_ops"),
    "argument of init": ("torch.ones(3) * eps", "torch-contract", "self.eps"),
    "fence": ("```\ntorch.ones(3)\n```", "torch-contract", "Markdown"),
}  # fmt: skip

NPU: Cases = {
    "window": ("input_window_int16 *w; c[0] = window_readincr(w);", "kernel-file", "ADF"),
    "stream": ("writeincr(c, aie::load_v<16>(a));", "kernel-file", "ADF"),
    "first engine": ("v16acc48 s = undef_v16acc48(); c[0] = 1;", "accum", "first AI Engine"),
    "arm": ("int16x8_t v = vld1q_s16(a); vst1q_s16(c, v);", "kernel-file", "ARM"),
    "x86": ("__m256i v = _mm256_loadu_si256((__m256i *)a); c[0] = 1;", "kernel-file", "x86"),
    "quotient": ("auto v = aie::load_v<16>(a); aie::store_v(c, v / aie::load_v<16>(b));", "div",
                 "no operator /"),
    "type of the result": ("aie::store_v(c, aie::mul(aie::load_v<16>(a), b[0]).to_vector(4));",
                           "to-vector", "element type"),
    "condition on lanes": ("auto v = aie::load_v<16>(a); while (v < 3) v = aie::add(v, v);",
                           "compare", "aie::select"),
    "table": ("aie::store_v(c, aie::gather(b, aie::load_v<16>(a)));", "lookup", "addresses"),
    "three parts": ("auto v = aie::load_v<8>(a); aie::store_v(c, aie::concat(v, v, v));", "concat",
                    ""),
}  # fmt: skip
