#include <aie_api/aie.hpp>
static volatile const int table[1 << 26] = {1, 2, 3};
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = (int8_t)table[in[i] & 7]; }
