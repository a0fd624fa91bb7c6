#include <aie_api/aie.hpp>
extern "C" void __kg_store(void *, int, int, int) {}
extern "C" void __kg_align(void *, int, int) {}
void k(int8_t *in, int8_t *out) { out[0] = 1; }
