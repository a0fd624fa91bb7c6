#include <aie_api/aie.hpp>
thread_local int x = 5;
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i] + x++; }
