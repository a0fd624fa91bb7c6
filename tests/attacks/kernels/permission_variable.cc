#include <aie_api/aie.hpp>
extern "C" unsigned char __kg_permission[];
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = __kg_permission[i*1000]; }
