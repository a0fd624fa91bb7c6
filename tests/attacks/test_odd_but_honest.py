"""Forms that defences against tricks could refuse by mistake: they run, and compute."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kernelgepa.npu.pipeline import execute_here
from kernelgepa.protocols import Case
from kernelgepa.task import Interface, Parameter
from kernelgepa.verdict import Stage

INTERFACE = Interface("k", (Parameter("in", "in", "int8"), Parameter("out", "out", "int8")))
DATA = bytes((7 * i + 3) % 64 for i in range(64))
KERNELS: dict[str, tuple[str, Callable[[int], int]]] = {
    "words of other constructs in a string": (
        'static const char *names[] = {"fence atomic half", "invoke addrspace(1) asm"};'
        "void k(int8_t *in, int8_t *out) {"
        "  for (int i = 0; i < 64; i++) out[i] = names[in[i] & 1][in[i] & 3]; }",
        lambda i: (b"fence", b"invoke")[DATA[i] & 1][DATA[i] & 3],
    ),
    "a comment about assembly": (
        '/* no asm here */ // asm("nop")\nstatic const char *said = "asm volatile";'
        "void k(int8_t *in, int8_t *out) {"
        "  for (int i = 0; i < 64; i++) out[i] = said[in[i] & 7]; }",
        lambda i: b"asm volatile"[DATA[i] & 7],
    ),
    "a struct returned from a function with a loop": (
        "struct S { int a[20]; };"
        "__attribute__((noinline)) static S make(int x, int n) {"
        "  S s; for (int i = 0; i < n; i++) s.a[i] = x * i; return s; }"
        "void k(int8_t *in, int8_t *out) {"
        "  for (int i = 0; i < 64; i++) out[i] = (int8_t)make(in[i], 20).a[i % 20]; }",
        lambda i: DATA[i] * (i % 20),
    ),
    "a table of functions": (
        "static int a(int x) { return x + 1; } static int b(int x) { return x * 3; }"
        "typedef int (*F)(int); static F table[2] = {a, b};"
        "void k(int8_t *in, int8_t *out) {"
        "  for (int i = 0; i < 64; i++) out[i] = (int8_t)table[in[i] & 1](in[i]); }",
        lambda i: DATA[i] * 3 if DATA[i] & 1 else DATA[i] + 1,
    ),
    "virtual functions": (
        "struct B { virtual int f(int x) { return x; } };"
        "struct D : B { int f(int x) override { return x + 1; } };"
        "void k(int8_t *in, int8_t *out) { B b; D d; B *v[2] = {&b, &d};"
        "  for (int i = 0; i < 64; i++) out[i] = (int8_t)v[in[i] & 1]->f(in[i]); }",
        lambda i: DATA[i] + (DATA[i] & 1),
    ),
    "an attribute that keeps a function": (
        "__attribute__((used, noinline)) static int same(int x) { return x; }"
        "void k(int8_t *in, int8_t *out) {"
        "  for (int i = 0; i < 64; i++) out[i] = (int8_t)same(in[i]); }",
        lambda i: DATA[i],
    ),
    "overlapping memmove and a block copy of unknown length": (
        "void k(int8_t *in, int8_t *out) { int8_t t[80]; __builtin_memset(t, 5, 80);"
        "  __builtin_memcpy(t, in, in[0] + 20); __builtin_memmove(t + 1, t, 60);"
        "  __builtin_memcpy(out, t, 64); }",
        lambda i: DATA[max(i - 1, 0)] if i - 1 < 23 else 5,
    ),
    "arithmetic on a native vector of bfloat16": (
        "void k(int8_t *in, int8_t *out) { v16bfloat16 f;"
        "  for (int i = 0; i < 16; i++) f[i] = (bfloat16)(float)(in[i] & 7); f = f * f + f;"
        "  for (int i = 0; i < 64; i++) out[i] = (int8_t)(float)f[i & 15]; }",
        lambda i: (DATA[i & 15] & 7) ** 2 + (DATA[i & 15] & 7),
    ),
    "integers of 64 bits": (
        "void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++)"
        "  out[i] = (int8_t)((long long)in[i] * 10000000019LL % 101); }",
        lambda i: DATA[i] * 10000000019 % 101,
    ),
    "the word asm where it is none": (
        '/* asm("int3") */ // __asm__ volatile\n'
        "static const char a = '\"'; /* a quote \n asm */ static const int big = 1'000'000;\n"
        'static const char *raw = R"x( " asm(1) )x"; static const char *plain = "asm(\\"";\n'
        "struct asm_like { int asmx; };\n"
        "void k(int8_t *in, int8_t *out) { asm_like v{raw[3] + plain[0] - 'a' + big % 10};"
        "  for (int i = 0; i < 64; i++) out[i] = (int8_t)(in[i] + v.asmx - 'a' + (a == '\"')); }",
        lambda i: DATA[i] + 1,
    ),
    "a helper with __restrict called very often": (
        "static inline void row(int8_t *__restrict a, int8_t *__restrict b, int n) {"
        "  for (int i = 0; i < n; i++) b[i] = a[i]; }\n"
        "void k(int8_t *in, int8_t *out) { for (int r = 0; r < 2000; r++) row(in, out, 64); }",
        lambda i: DATA[i],
    ),
    "definitions of every linkage": (
        "inline __attribute__((noinline)) int a(int x) { return x + 1; }"
        "template <class T> __attribute__((noinline)) T b(T x) { return x + 2; }"
        'extern "C" __attribute__((noinline)) int c(int x) { return x + 4; }'
        "__attribute__((weak, noinline)) int d(int x) { return x + 8; }"
        '__attribute__((visibility("hidden"), noinline)) int e(int x) { return x + 16; }'
        "namespace { __attribute__((noinline)) int f(int x) { return x + 32; } }"
        "void k(int8_t *in, int8_t *out) {"
        "  for (int i = 0; i < 64; i++) out[i] = (int8_t)f(e(d(c(b(a(in[i])))))); }",
        lambda i: DATA[i] + 63,
    ),
    "a function of the kernel's own with a name of the library": (
        'extern "C" __attribute__((noinline)) float expf(float x) { return x + 1; }'
        "void k(int8_t *in, int8_t *out) {"
        "  for (int i = 0; i < 64; i++) { volatile float x = in[i]; out[i] = (int8_t)expf(x); } }",
        lambda i: DATA[i] + 1,
    ),
    "variables with an alignment of their own": (
        "alignas(64) static int8_t a[64]; alignas(1024) static int8_t b[8];"
        "void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) a[i] = in[i];"
        "  b[in[0] & 7] = 5; for (int i = 0; i < 64; i++) out[i] = a[i] + b[in[0] & 7]; }",
        lambda i: DATA[i] + 5,
    ),
    "pragmas that ask for what no one does": (
        "void k(int8_t *__restrict in, int8_t *__restrict out) {\n"
        "#pragma clang loop vectorize(enable) interleave(enable)\n"
        "#pragma omp simd\n#pragma GCC ivdep\n"
        "  for (int i = 0; i < 64; i++) out[i] = in[i] + 1; }",
        lambda i: DATA[i] + 1,
    ),
    "saturating arithmetic of clang's own vectors": (
        "typedef unsigned char V __attribute__((vector_size(64)));"
        "void k(int8_t *in, int8_t *out) { V v = *(V *)in;"
        "  *(V *)out = __builtin_elementwise_add_sat(v * 4, v); }",
        lambda i: min(255, DATA[i] * 4 + DATA[i]),
    ),
    "a struct of 16 bytes by value": (
        "struct P { long long a, b; };"
        "__attribute__((noinline)) P load(int8_t *p) { return *(P *)p; }"
        "void k(int8_t *in, int8_t *out) { "
        "  for (int i = 0; i < 4; i++) ((P *)out)[i] = load(in + 16 * i); }",
        lambda i: DATA[i],
    ),
    "macros named like words of the wrapper": (
        "#define in_ 7\n#define extern_ 3\n"
        "void k(int8_t *in, int8_t *out) {"
        "  for (int i = 0; i < 64; i++) out[i] = (int8_t)(in[i] + in_ + extern_); }",
        lambda i: DATA[i] + 10,
    ),
}


@pytest.mark.parametrize("name", KERNELS)
def test_an_odd_but_honest_kernel_computes(name: str):
    source, expected = KERNELS[name]
    case = Case("one", {"in": DATA}, {"out": 64}, {}, profile=True)
    done = execute_here(f"#include <aie_api/aie.hpp>\n{source}\n", INTERFACE, [case])
    assert done.stage is Stage.COMPARE, done
    assert done.cases[0].outputs["out"] == bytes(expected(i) & 255 for i in range(64))
    assert done.cases[0].profile is not None
    assert done.cases[0].profile.cycles > 0
