/*
 * (x - zero) * scale.
 * N = 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void dequantise_u8_f32(uint8_t *in, float *out) {
  const int zero = 128;
  for (int i = 0; i < 256; ++i) out[i] = 0.05f * (float)(in[i] - zero);
}
