/*
 * Round half away, then to int32 by switch of mode.
 * N = 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void round_half_f32(float *in, int32_t *out) {
  for (int i = 0; i < 256; ++i) out[i] = (int32_t)(in[i] + (in[i] < 0 ? -0.5f : 0.5f));
}
