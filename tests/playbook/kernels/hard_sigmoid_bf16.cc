/*
 * x size: 256
 * y size: 256
 * at least: 8
 * >>> hard_sigmoid_bf16([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void hard_sigmoid_bf16(bfloat16 *x, bfloat16 *y) {
  for (int i = 0; i < 256; i++) {
    float t = float(x[i]) / 6.0f + 0.5f;
    if (t < 0.0f) t = 0.0f; else if (t > 1.0f) t = 1.0f;
    y[i] = t;
  }
}
