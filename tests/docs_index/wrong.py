"""Wrong programs for CUDA, Triton, C++ and torch, each with the sections that answer it.

KNOWN ones were at hand when the rules were written. FRESH ones were written afterwards; before the
rules were changed for what they missed, recall@3 on them was 0.95 (CUDA), 1.00 (Triton), 1.00 (C++)
and 0.95 (torch). Some of their messages had been seen before, so the figures flatter.
"""

from __future__ import annotations

from collections.abc import Mapping

Cases = Mapping[str, tuple[str, tuple[str, ...]]]

_K = 'extern "C" __global__ void k(float *a, int n) {{ {} }}'


def _k(body: str) -> str:
    return _K.format(body)


CUDA_KNOWN: Cases = {
    "torch header": ("#include <torch/extension.h>\n" + _k("a[0] = 1;"), ("cuda-nvrtc",)),
    "host header": ("#include <stdio.h>\n" + _k("a[0] = 1;"), ("cuda-nvrtc",)),
    "host function": ("int f(int x) { return x; }\n" + _k("a[0] = f(1);"), ("cuda-kernel",)),
    "marked host": ("__host__ int f(int x) { return x; }\n" + _k("a[0] = f(1);"), ("cuda-kernel",)),
    "launch in a kernel": (
        "__global__ void g(float *a) {}\n" + _k("g<<<1, 1>>>(a);"),
        ("cuda-launch",),
    ),
    "old shuffle": (_k("a[0] = __shfl_down(a[0], 16);"), ("cuda-shuffle",)),
    "shuffle without mask": (_k("a[0] = __shfl_down_sync(a[0], 16);"), ("cuda-shuffle",)),
    "infinity": (_k("a[0] = -INFINITY;"), ("cuda-constants",)),
    "std max": (_k("a[0] = std::max(a[1], a[2]);"), ("cuda-math", "cuda-nvrtc")),
    "fixed width type": (_k("uint64_t i = 3; a[i] = 1;"), ("cuda-nvrtc",)),
    "returns a value": ('extern "C" __global__ int k(float *a) { return 1; }', ("cuda-kernel",)),
    "template": ('template <typename T> extern "C" __global__ void k(T *a) {}', ("cuda-names",)),
    "shared initialiser": (_k("__shared__ float s[4] = {0}; a[0] = s[0];"), ("cuda-shared",)),
    "array of runtime size": (_k("__shared__ float s[n]; a[0] = s[0];"), ("cuda-dynamic-shared",)),
    "too much shared": (
        _k("__shared__ float s[20000]; s[threadIdx.x] = a[0]; __syncthreads(); a[1] = s[n];"),
        ("cuda-dynamic-shared",),
    ),
    "bad ptx": (_k('asm volatile("cp.asinc.wait_all;");'), ("cuda-inline-ptx",)),
    "atomic max": (_k("atomicMax(a, 1.0f);"), ("cuda-atomic-max",)),
    "float4 sum": (_k("float4 *p = (float4 *)a; p[0] = p[1] + p[2];"), ("cuda-vector-types",)),
    "float4 value": (_k("float4 v = a; a[0] = v.x;"), ("cuda-vector-loads", "cuda-vector-types")),
    "const": ('extern "C" __global__ void k(const float *a) { a[0] = 1; }', ("cuda-restrict",)),
    "member": (_k("a[0] = threadIdx.w;"), ("cuda-index", "cuda-vector-types")),
    "host call": (_k("cudaDeviceSynchronize(); a[0] = 1;"), ("cuda-streams", "cuda-kernel")),
}
CUDA_FRESH: Cases = {
    "vector header": ("#include <algorithm>\n" + _k("a[0] = 1;"), ("cuda-nvrtc",)),
    "tensor type": ("at::Tensor f(at::Tensor x) { return x; }", ("cuda-kernel", "cuda-nvrtc")),
    "cutlass": ("#include <cutlass/cutlass.h>\n" + _k("a[0] = 1;"), ("cuda-nvrtc", "cuda-mma")),
    "xor shuffle": (_k("a[0] += __shfl_xor(a[0], 1);"), ("cuda-shuffle",)),
    "ballot": (_k("if (__ballot(a[0] > 0)) a[1] = 1;"), ("cuda-vote",)),
    "float limits": (_k("a[0] = FLT_MAX;"), ("cuda-constants",)),
    "pi": (_k("a[0] = sinf(M_PI * a[1]);"), ("cuda-constants",)),
    "half": (_k("half h = 1.0f; a[0] = h;"), ("cuda-half",)),
    "bfloat16": (_k("__nv_bfloat16 b = __float2bfloat16(a[0]); a[1] = b;"), ("cuda-bf16",)),
    "malloc": (_k("float *p; cudaMalloc(&p, 4); a[0] = *p;"), ("cuda-streams", "cuda-kernel")),
    "cublas": (_k("cublasHandle_t h; cublasSgemm(h);"),
               ("cuda-kernel", "cuda-streams", "cuda-launch")),
    "atomic min": (_k("atomicMin(&a[0], a[1]);"), ("cuda-atomic-max",)),
    "float2 product": (_k("float2 *p = (float2 *)a; p[0] = p[1] * p[2];"), ("cuda-vector-types",)),
    "shared of a parameter": (_k("__shared__ float tile[n][32]; a[0] = tile[0][1];"),
                              ("cuda-dynamic-shared",)),
    "host table": ("float table[2] = {1, 2};\n" + _k("a[0] = table[n];"),
                   ("cuda-kernel", "cuda-constant")),
    "extern types": (
        'extern "C" __global__ void p(float *a) { extern __shared__ float s[]; a[0] = s[0]; }\n'
        'extern "C" __global__ void q(int *a) { extern __shared__ int s[]; a[0] = s[0]; }',
        ("cuda-dynamic-shared",),
    ),
    "special register": (_k('unsigned w; asm("mov.u32 %0, %%warp_id;" : "=r"(w)); a[0] = w;'),
                         ("cuda-inline-ptx",)),
    "constraint": (_k('int x; asm("mov.u32 %0, 1;" : "=q"(x)); a[0] = x;'), ("cuda-inline-ptx",)),
    "constant memory": ("__constant__ float c[20000];\n" + _k("a[0] = c[n];"), ("cuda-constant",)),
    "printf of cout": (_k("std::cout << a[0];"), ("cuda-nvrtc", "cuda-math")),
}  # fmt: skip

TRITON_KNOWN: Cases = {
    "sizes": (
        "i = tl.arange(0, 16)\nj = tl.arange(0, 32)\ntl.store(x_ptr + i, i + j)",
        ("triton-broadcast",),
    ),
    "no power of two": ("i = tl.arange(0, 100)\ntl.store(x_ptr + i, 1.0)", ("triton-arange",)),
    "runtime size": (
        "i = tl.arange(0, n)\ntl.store(x_ptr + i, 1.0)",
        ("triton-constexpr", "triton-arange"),
    ),
    "tanh": (
        "i = tl.arange(0, 16)\ntl.store(x_ptr + i, tl.tanh(tl.load(x_ptr + i)))",
        ("triton-math",),
    ),
    "element": ("v = tl.arange(0, 16)\ntl.store(x_ptr, v[0])", ("triton-indexing",)),
    "pointer index": ("tl.store(x_ptr, x_ptr[0])", ("triton-indexing", "triton-pointers")),
    "break": (
        "for i in range(n):\n    if i > 3:\n        break\ntl.store(x_ptr, 1.0)",
        ("triton-control-flow",),
    ),
    "integer sum": (
        "s = 0\nfor i in range(n):\n    s += tl.load(x_ptr + i)\ntl.store(x_ptr, s)",
        ("triton-loops",),
    ),
    "if on a block": (
        "i = tl.arange(0, 16)\nif i < n:\n    tl.store(x_ptr + i, 1.0)",
        ("triton-where", "triton-masks", "triton-control-flow"),
    ),
    "thin product": (
        "i = tl.arange(0, 4)\no = i[:, None] * 4 + i[None, :]\na = tl.load(x_ptr + o)\n"
        "tl.store(x_ptr + o, tl.dot(a, a))",
        ("triton-dot",),
    ),
    "block pointer": (
        "p = tl.make_block_ptr(x_ptr, (n,), (1,), (0,), (16,), (0,))\ntl.store(p, tl.load(p) + 1)",
        ("triton-block-pointers",),
    ),
    "number as pointer": ("tl.store(n, 1.0)", ("triton-pointers",)),
    "block into one": ("tl.store(x_ptr, tl.arange(0, 16))", ("triton-pointers",)),
    "axis": ("v = tl.sum(tl.arange(0, 16), axis=1)\ntl.store(x_ptr, v)", ("triton-reductions",)),
    "method": ("tl.store(x_ptr, tl.load(x_ptr).float())", ("triton-types",)),
    "exp of integers": (
        "i = tl.arange(0, 16)\ntl.store(x_ptr + i, tl.exp(i))",
        ("triton-types", "triton-math"),
    ),
    "helper": ("tl.store(x_ptr, helper(n))", ("triton-kernel",)),
    "global": ("tl.store(x_ptr + tl.arange(0, SIZE), 1.0)", ("triton-constexpr",)),
}
TRITON_FRESH: Cases = {
    "relu": ("i = tl.arange(0, 16)\ntl.store(x_ptr + i, tl.relu(tl.load(x_ptr + i)))",
             ("triton-math", "triton-activations")),
    "pow": ("i = tl.arange(0, 16)\ntl.store(x_ptr + i, tl.pow(tl.load(x_ptr + i), 2.0))",
            ("triton-math",)),
    "misspelt": ("i = tl.arrange(0, 16)\ntl.store(x_ptr + i, 1.0)", ("triton-arange",)),
    "mean": ("i = tl.arange(0, 16)\ntl.store(x_ptr, tl.mean(tl.load(x_ptr + i)))",
             ("triton-reductions",)),
    "masked sizes": ("i = tl.arange(0, 64)\nv = tl.load(x_ptr + i, mask=tl.arange(0, 32) < n)\n"
                     "tl.store(x_ptr + i, v)", ("triton-broadcast", "triton-masks")),
    "continue": ("for i in range(n):\n    if i == 2:\n        continue\n"
                 "    tl.store(x_ptr + i, 1.0)", ("triton-control-flow",)),
    "assign an element": ("v = tl.zeros((16,), tl.float32)\nv[3] = 1.0\n"
                          "tl.store(x_ptr + tl.arange(0, 16), v)", ("triton-indexing",)),
    "slice": ("v = tl.load(x_ptr + tl.arange(0, 16))\ntl.store(x_ptr + tl.arange(0, 8), v[0:8])",
              ("triton-indexing",)),
    "zeros of runtime": ("v = tl.zeros((n,), tl.float32)\ntl.store(x_ptr, tl.sum(v))",
                         ("triton-constexpr",)),
    "list": ("v = [tl.load(x_ptr), 1.0]\nfor w in v:\n    tl.store(x_ptr, w)",
             ("triton-control-flow", "triton-kernel")),
    "try": ("try:\n    tl.store(x_ptr, 1.0)\nexcept ValueError:\n    tl.store(x_ptr, 2.0)",
            ("triton-control-flow",)),
    "branch types": ("if n > 3:\n    y = 1.0\nelse:\n    y = tl.zeros((4,), tl.float32)\n"
                     "tl.store(x_ptr, y)", ("triton-control-flow", "triton-where")),
    "inner sizes": ("i = tl.arange(0, 16)\nj = tl.arange(0, 32)\n"
                    "a = tl.load(x_ptr + i[:, None] * 16 + i[None, :])\n"
                    "b = tl.load(x_ptr + j[:, None] * 16 + i[None, :])\n"
                    "tl.store(x_ptr, tl.sum(tl.dot(a, b)))", ("triton-dot",)),
    "dot types": ("i = tl.arange(0, 16)\no = i[:, None] * 16 + i[None, :]\na = tl.load(x_ptr + o)\n"
                  "tl.store(x_ptr + o, tl.dot(a, a.to(tl.float16)))", ("triton-dot",)),
    "while": ("s = 0.0\nwhile s < 3:\n    s = tl.zeros((4,), tl.float32)\ntl.store(x_ptr, s)",
              ("triton-loops",)),
    "numel": ("i = tl.arange(0, 4194304)\ntl.store(x_ptr + i, 1.0)", ("triton-blocks",)),
    "floor of floats": ("tl.store(x_ptr, tl.load(x_ptr) // 2.0)", ("triton-types",)),
    "load keyword": ("tl.store(x_ptr, tl.load(x_ptr, default=0.0))",
                     ("triton-masks", "triton-kernel", "triton-pointers", "triton-launch")),
    "math module": ("tl.store(x_ptr, math.sqrt(tl.load(x_ptr)))",
                    ("triton-math", "triton-kernel")),
    "transpose": ("v = tl.trans(tl.arange(0, 16))\ntl.store(x_ptr + v, 1.0)",
                  ("triton-broadcast",)),
}  # fmt: skip

_F = 'extern "C" void f(float *a, int n) {{ {} }}'


def _f(body: str) -> str:
    return _F.format(body)


CPP_KNOWN: Cases = {
    "std exp": (_f("a[0] = std::exp(a[1]);"), ("torch-cpp-errors",)),
    "type without header": (
        'extern "C" void f(float *a, int64_t n) { a[n] = 0; }',
        ("torch-cpp-errors",),
    ),
    "intrinsics": (
        "#include <immintrin.h>\n"
        + _f("__m256 x = _mm256_loadu_ps(a); _mm256_storeu_ps(a, _mm256_add_ps(x, x));"),
        ("torch-simd",),
    ),
    "omp while": (_f("\n#pragma omp parallel for\nwhile (n--) a[n] = 0;"), ("torch-openmp",)),
    "restrict": ('extern "C" void f(float * restrict a) { a[0] = 1; }', ("torch-simd",)),
    "torch header": ("#include <torch/extension.h>\nint x;", ("torch-load-inline",)),
    "const": (
        'extern "C" void f(const float *a) { float *b = a; b[0] = 1; }',
        ("torch-cpp-errors",),
    ),
    "template": ('template <class T> extern "C" void f(T *a) {}', ("torch-cpp-errors",)),
}
CPP_FRESH: Cases = {
    "std max": (_f("a[0] = std::max(a[1], a[2]);"), ("torch-cpp-errors",)),
    "vector": (_f("std::vector<float> v(n); a[0] = v[0];"), ("torch-cpp-errors",)),
    "memcpy": (_f("memcpy(a, a + n, 4);"), ("torch-cpp-errors",)),
    "avx512": (
        "#include <immintrin.h>\n" + _f("_mm512_storeu_ps(a, _mm512_set1_ps(1.0f));"),
        ("torch-simd",),
    ),
    "omp reduction": (
        _f("float s = 0;\n#pragma omp parallel for reduction(add : s)\n"
           "for (int i = 0; i < n; i++) s += a[i];\na[0] = s;"),
        ("torch-openmp",),
    ),
    "omp break": (
        _f("\n#pragma omp parallel for\nfor (int i = 0; i < n; i++) { if (a[i] > 3) break; }"),
        ("torch-openmp",),
    ),
    "thread number": (_f("a[omp_get_thread_num()] = 1;"), ("torch-openmp",)),
    "half": (_f("__fp16 h = 1; a[0] = h;"), ("torch-half",)),
    "semicolon": (_f("a[0] = 1"), ("torch-cpp-errors",)),
    "arguments": ("static float g(float x) { return x; }\n" + _f("a[0] = g(1, 2);"),
                  ("torch-cpp-errors",)),
}  # fmt: skip

TORCH_KNOWN: Cases = {
    "product": ("torch.ones(3, 4) @ torch.ones(3, 4)", ("torch-shapes",)),
    "sum of sizes": ("torch.ones(3, 4) + torch.ones(3, 5)", ("torch-shapes",)),
    "view": ("torch.ones(3, 4).t().view(12)", ("torch-layout", "torch-shapes")),
    "types": ("torch.ones(3, 4) @ torch.ones(4, 3).double()", ("torch-dtypes",)),
    "half layer": ("nn.Linear(4, 2)(torch.ones(3, 4).half())", ("torch-dtypes",)),
    "leaf": ("nn.Parameter(torch.ones(3)).add_(1)", ("torch-inplace",)),
    "state": ("nn.Linear(4, 2).load_state_dict({'w': torch.ones(2, 4)})", ("torch-state",)),
    "attribute": ("nn.Linear(4, 2).scale", ("torch-state",)),
    "arguments": (
        "type('M', (nn.Module,), {'forward': lambda s, x: x})()(1, 2)",
        ("torch-contract",),
    ),
    "no forward": ("type('M', (nn.Module,), {})()(1)", ("torch-contract",)),
    "library": ("ctypes.CDLL('/nowhere/k.so')", ("torch-cpp", "torch-ctypes")),
    "symbol": ("ctypes.CDLL(None).no_such_function", ("torch-ctypes",)),
    "argument": ("ctypes.CDLL(None).abs(1.5)", ("torch-ctypes",)),
    "numpy": ("nn.Parameter(torch.ones(3)).numpy()", ("torch-inplace",)),
}
TORCH_FRESH: Cases = {
    "channels": ("nn.Conv2d(3, 4, 3)(torch.ones(2, 5, 8, 8))", ("torch-shapes",)),
    "cat": ("torch.cat([torch.ones(3, 4), torch.ones(2, 5)])", ("torch-shapes",)),
    "bmm": ("torch.bmm(torch.ones(2, 3, 4), torch.ones(2, 5, 6))", ("torch-shapes",)),
    "reshape": ("torch.ones(12).reshape(5, -1)", ("torch-shapes",)),
    "dimension": ("torch.ones(3, 4).softmax(2)", ("torch-shapes",)),
    "integers": ("torch.ones(3, dtype=torch.int32).softmax(0)", ("torch-dtypes",)),
    "out type": (
        "torch.mul(torch.ones(3), 2, out=torch.ones(3, dtype=torch.int64))",
        ("torch-dtypes",),
    ),
    "index type": ("torch.gather(torch.ones(3), 0, torch.ones(1))", ("torch-dtypes",)),
    "view of a leaf": ("nn.Linear(2, 2).weight[0].mul_(2)", ("torch-inplace",)),
    "expanded": ("torch.ones(1, 3).expand(4, 3).add_(1)", ("torch-layout", "torch-inplace")),
    "wrong size of state": (
        "nn.Linear(4, 2).load_state_dict(nn.Linear(4, 3).state_dict())",
        ("torch-state",),
    ),
    "before init": (
        "type('M', (nn.Module,), {'__init__': lambda s: setattr(s, 'l', nn.ReLU())})()",
        ("torch-state", "torch-contract"),
    ),
    "constructor": ("nn.LayerNorm()", ("torch-contract", "torch-state")),
    "no function": ("torch.gelu(torch.ones(3))", ("torch-semantics", "torch-state")),
    "cuda": ("torch.ones(3).to('cuda')", ("torch-device",)),
    "condition": ("1 if torch.ones(3) > 0 else 2", ("torch-semantics", "torch-python-loops")),
    "none": ("torch.nn.functional.relu(None)", ("torch-contract", "torch-semantics")),
    "pointer": ("ctypes.CDLL(None).memcpy(torch.ones(3), 0, 0)", ("torch-ctypes",)),
    "bfloat16": ("torch.ones(3).bfloat16().numpy()", ("torch-dtypes",)),
    "name": ("undefined_name + 1", ("torch-contract",)),
}
