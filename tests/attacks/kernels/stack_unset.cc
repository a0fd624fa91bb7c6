#include <aie_api/aie.hpp>
__attribute__((noinline)) void fill(volatile int8_t *p, int n) { for (int i = 0; i < n; i++) p[i] = 1; }
void k(int8_t *in, int8_t *out) { volatile int8_t t[64]; fill(t, in[0]); for (int i = 0; i < 64; i++) out[i] = t[i]; }
