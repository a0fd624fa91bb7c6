#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { char c = '"'; asm("int3"); char d = '"'; out[0] = c; }
