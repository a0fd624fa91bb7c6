#include <aie_api/aie.hpp>
void k(int8_t *__restrict in, int8_t *__restrict out) {
#pragma clang loop vectorize(enable) vectorize_width(64) interleave(enable)
for (int i = 0; i < 64; i++) out[i] = in[i]; }
