/*
 * x size: 64
 * out size: 1
 * at least: 2
 * >>> product_f32([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void product_f32(float *x, float *out) {
  float p = 1.0f;
  for (int i = 0; i < 64; ++i) p *= 1.0f + 0.001f * x[i];
  *out = p;
}
