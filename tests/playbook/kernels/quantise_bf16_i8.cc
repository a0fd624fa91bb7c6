/*
 * Scale, round, saturate.
 * N = 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void quantise_bf16_i8(bfloat16 *in, int8_t *out) {
  constexpr float scale = 16.0f;
  for (int i = 0; i < 256; ++i) {
    float v = roundf((float)in[i] * scale);
    v = fminf(fmaxf(v, -128.0f), 127.0f);
    out[i] = (int8_t)v;
  }
}
