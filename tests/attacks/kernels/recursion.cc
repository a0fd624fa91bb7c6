#include <aie_api/aie.hpp>
__attribute__((noinline)) int down(int n) { volatile char hold[100]; hold[n & 63] = 1; return down(n + 1) + hold[3]; }
void k(int8_t *in, int8_t *out) { out[0] = (int8_t)down(in[0]); }
