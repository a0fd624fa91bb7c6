#include <aie_api/aie.hpp>
__attribute__((target("avx512f,avx512vbmi2,amx-tile"), noinline)) static int t(int x) { return x + 1; }
__attribute__((target_clones("default", "avx2"))) int u(int x) { return x + 2; }
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = t(in[i]) + u(in[i]); }
