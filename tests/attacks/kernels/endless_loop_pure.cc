#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { for (unsigned i = 1; i != 0; i = i * 3) { } out[0] = 1; while (in[0] == in[0]) { } }
