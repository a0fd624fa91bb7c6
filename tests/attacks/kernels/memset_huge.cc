#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { __builtin_memset(out, 0, (unsigned)in[0] << 29); }
