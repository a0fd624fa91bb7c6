#include <aie_api/aie.hpp>
extern "C" void __kg_entry(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
