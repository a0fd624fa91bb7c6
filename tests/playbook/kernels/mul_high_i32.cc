/*
 * a size: 256
 * b size: 256
 * y size: 256
 * at least: 1
 * >>> mul_high_i32([1, 2], [1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void mul_high_i32(int32_t *a, int32_t *b, int32_t *y) {
  for (int i = 0; i < 256; ++i) y[i] = (int32_t)(((int64_t)a[i] * b[i]) >> 16);
}
