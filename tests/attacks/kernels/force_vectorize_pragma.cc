#include <aie_api/aie.hpp>
#pragma GCC optimize("O0")
#pragma GCC target("avx512fp16")
#pragma clang optimize off
#pragma GCC ivdep
#pragma plugin("x")
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
