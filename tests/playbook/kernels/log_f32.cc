/*
 * x size: 256
 * y size: 256
 * x in range: -4 to 4
 * at least: 8
 * >>> log_f32([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void log_f32(float *x, float *y) {
  for (int i = 0; i < 256; ++i) y[i] = logf(fabsf(x[i]) + 0.5f);
}
