/*
 * x size: 256
 * y size: 256
 * at least: 8
 * >>> gelu_erf_bf16([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void gelu_erf_bf16(bfloat16 *x, bfloat16 *y) {
  for (int i = 0; i < 256; i++) {
    float v = x[i];
    y[i] = bfloat16(0.5f * v * (1.0f + erff(v * 0.70710678f)));
  }
}
