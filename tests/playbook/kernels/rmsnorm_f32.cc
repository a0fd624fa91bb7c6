/*
 * x / sqrt(mean(x^2) + eps).
 * N = 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void rmsnorm_f32(float *x, float *y) {
  float ss = 0;
  for (int i = 0; i < 256; ++i) ss += x[i] * x[i];
  const float scale = 1.0f / sqrtf(ss / 256 + 1e-5f);
  for (int i = 0; i < 256; ++i) y[i] = x[i] * scale;
}
