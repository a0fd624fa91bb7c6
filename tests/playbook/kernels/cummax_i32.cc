/*
 * x size: 256
 * y size: 256
 * at least: 5
 * >>> cummax_i32([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void cummax_i32(int32_t *x, int32_t *y) {
  int32_t m = x[0];
  for (int i = 0; i < 256; ++i) { m = x[i] > m ? x[i] : m; y[i] = m; }
}
