#include <aie_api/aie.hpp>
void k(int8_t *in, int8_t *out) { unsigned __int128 x = in[0] + 5; for (int i = 0; i < 64; i++) { x = x * x % 1000003; out[i] = (int8_t)x; } }
