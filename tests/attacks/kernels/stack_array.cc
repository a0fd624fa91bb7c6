#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { volatile int8_t big[1 << 20]; for (int i = 0; i < (1 << 20); i++) big[i] = in[i & 63]; out[0] = big[77777]; }
