/*
 * Dot product in memory.
 * a size: 256
 * b size: 256
 * out size: 1
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void dot_f32(float *a, float *b, float *out) {
  out[0] = 0.0f;
  for (int i = 0; i < 256; ++i) out[0] += a[i] * b[i];
}
