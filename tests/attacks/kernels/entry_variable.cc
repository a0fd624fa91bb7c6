#include <aie_api/aie.hpp>
int __kg_entry=1;void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }
