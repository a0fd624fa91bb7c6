#include <aie_api/aie.hpp>
#pragma clang optimize off
__attribute__((optnone, noinline)) static void copy(int8_t *in, int8_t *out) { for (volatile int i = 0; i < 64; i++) out[i] = in[i]; }
void k(int8_t *in, int8_t *out) { copy(in, out); }
