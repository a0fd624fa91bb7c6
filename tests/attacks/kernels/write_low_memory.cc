#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { for (volatile int *p = (int *)4; p < (int *)4096; p++) *p = 0; for (int i = 0; i < 64; i++) out[i] = in[i]; }
