/*
 * Two outputs, sine and cosine.
 * N = 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void sin_cos_f32(float *angle, float *sine, float *cosine) {
  for (int i = 0; i < 256; ++i) {
    sine[i] = sinf(angle[i]);
    cosine[i] = cosf(angle[i]);
  }
}
