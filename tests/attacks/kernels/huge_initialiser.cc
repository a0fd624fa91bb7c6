#include <aie_api/aie.hpp>
static int table[1 << 24] = {[0 ... (1 << 24) - 1] = 7};
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = (int8_t)table[in[i] & 7]++; }
