/*
 * Sum of squares, two accumulators.
 * x size: 512
 * out size: 1
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void sum_squares_i16(int16_t *x, int32_t *out) {
  int32_t even = 0, odd = 0;
  for (int i = 0; i < 512; i += 2) {
    even += x[i] * x[i];
    odd += x[i + 1] * x[i + 1];
  }
  out[0] = even + odd;
}
