#include <aie_api/aie.hpp>
__attribute__((vectorcall, noinline)) static int a(int x) { return x + 1; }
__attribute__((ms_abi, noinline)) static int b(int x) { return x * 3; }
__attribute__((preserve_all, noinline)) static int c(int x) { return x ^ 3; }
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = a(in[i]) + b(in[i]) + c(in[i]); }
