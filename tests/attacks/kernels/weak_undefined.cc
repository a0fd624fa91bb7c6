#include <aie_api/aie.hpp>
extern "C" __attribute__((weak)) void nowhere(int8_t *);
void k(int8_t *in, int8_t *out) { if (nowhere) nowhere(in); for (int i = 0; i < 64; i++) out[i] = in[i]; }
