/*
 * Running sum.
 * N = 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void prefix_sum_i32(int32_t *in, int32_t *out) {
  int32_t sum = 0;
  for (int i = 0; i < 256; ++i) {
    sum += in[i];
    out[i] = sum;
  }
}
