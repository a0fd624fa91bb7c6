/*
 * x size: 256
 * y size: 256
 * at least: 8
 * >>> own_exp_struct_f32([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

union bits32 { uint32_t u; float f; };
static float fast_exp(float v) {
  bits32 b;
  float t = v * 1.442695f;
  int n = (int)t;
  if (t < 0) n -= 1;
  float r = (t - n) * 0.6931472f;
  b.u = (uint32_t)(n + 127) << 23;
  return b.f * (1.0f + r * (1.0f + r * (0.5f + r * 0.1666667f)));
}
void own_exp_struct_f32(float *x, float *y) {
  for (int i = 0; i < 256; ++i) y[i] = fast_exp(x[i]);
}
