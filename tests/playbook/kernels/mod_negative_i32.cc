/*
 * x size: 256
 * y size: 256
 * at least: 1
 * >>> mod_negative_i32([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void mod_negative_i32(int32_t *x, int32_t *y) {
  for (int i = 0; i < 256; ++i) { int m = x[i] % 16; y[i] = m < 0 ? m + 16 : m; }
}
