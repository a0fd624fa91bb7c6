#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { unsigned long long t = __builtin_readcyclecounter(); for (int i = 0; i < 64; i++) out[i] = (int8_t)(t >> (i & 7) * 8); }
