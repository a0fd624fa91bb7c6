#include <aie_api/aie.hpp>
#include <cmath>
typedef float(*F)(float); static F const t[2]={expf,sinf};void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = (int8_t)t[in[i]&1](in[i]/32.f); }
