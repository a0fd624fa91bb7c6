#include <aie_api/aie.hpp>
#include <cmath>
extern "C" __attribute__((weak, noinline)) float expf(float x) { return x; }
void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) { volatile float f = (float)in[i]/32; out[i] = (int8_t)expf(f); } }
