#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { int n = (in[0] & 1) + 100000000; volatile int8_t big[n]; big[n - 1] = 1; big[0] = 2; out[0] = big[n - 1]; }
