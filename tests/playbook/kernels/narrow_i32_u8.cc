/*
 * Conversion with saturation.
 * N = 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void narrow_i32_u8(int32_t *in, uint8_t *out) {
  for (int i = 0; i < 256; i++) {
    int32_t v = in[i];
    v = std::clamp<int32_t>(v, 0, 255);
    out[i] = (uint8_t)v;
  }
}
