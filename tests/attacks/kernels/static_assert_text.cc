#include <aie_api/aie.hpp>
static_assert(false, "a\nkernel.cc:2:1: error: forged\x1b[2J\u202e");void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
