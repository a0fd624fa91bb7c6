/*
 * How many are above a limit.
 * >>> count_above_i8([1, 2], 10)
 * x size: 512
 * out size: 1
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void count_above_i8(int8_t *x, int32_t *out, int8_t limit) {
  int count = 0;
  for (int i = 0; i < 512; ++i)
    if (x[i] > limit) count++;
  *out = count;
}
