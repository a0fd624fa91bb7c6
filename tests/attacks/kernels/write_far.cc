#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { volatile int8_t *p = out; p[0x40000000] = 1; ((volatile int8_t *)16)[0] = 1; }
