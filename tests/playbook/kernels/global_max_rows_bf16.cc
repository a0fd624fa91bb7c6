/*
 * x size: 1024
 * y size: 16
 * at least: 4
 * >>> global_max_rows_bf16([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void global_max_rows_bf16(bfloat16 *x, bfloat16 *y) {
  for (int r = 0; r < 16; ++r) {
    bfloat16 m = x[r * 64];
    for (int c = 1; c < 64; ++c) if ((float)x[r * 64 + c] > (float)m) m = x[r * 64 + c];
    y[r] = m;
  }
}
