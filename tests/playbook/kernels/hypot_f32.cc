/*
 * sqrt(a a + b b).
 * N = 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void hypot_f32(float *a, float *b, float *out) {
  for (int i = 0; i < 256; ++i) out[i] = sqrtf(a[i] * a[i] + b[i] * b[i]);
}
