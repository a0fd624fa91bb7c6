/*
 * A sum that is rounded in every trip.
 * x size: 128
 * out size: 1
 * at least: 1
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void bf16_sum_in_place(bfloat16 *x, bfloat16 *out) {
  bfloat16 s = 0.0f;
  for (int i = 0; i < 128; ++i) s += x[i];
  *out = s;
}
