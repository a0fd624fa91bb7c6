#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { int8_t *p = new int8_t[64]; for (int i = 0; i < 64; i++) p[i] = in[i]; for (int i = 0; i < 64; i++) out[i] = p[i]; delete[] p; }
