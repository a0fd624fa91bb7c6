#include <aie_api/aie.hpp>
extern "C" { static int f1(int x) { return x; } static int (*res())(int) { return f1; } int f(int) __attribute__((ifunc("res"))); }
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = f(in[i]); }
