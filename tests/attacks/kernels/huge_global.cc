#include <aie_api/aie.hpp>
static int8_t table[0x7fffffff];
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) { table[i * 1000003] = in[i]; out[i] = table[i * 7]; } }
