/*
 * Three neighbours.
 * x size: 258
 * y size: 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void moving_average_f32(float *x, float *y) {
  for (int i = 1; i <= 256; ++i) y[i - 1] = (x[i - 1] + x[i] + x[i + 1]) / 3.0f;
}
