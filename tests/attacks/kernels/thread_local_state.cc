#include <aie_api/aie.hpp>
thread_local int8_t state[64];
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) { state[i] += in[i]; out[i] = state[i]; } }
