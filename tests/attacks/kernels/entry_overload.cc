#include <aie_api/aie.hpp>
void __kg_entry(int8_t*,int8_t*){}void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
