/*
 * Sum of absolute values.
 * x size: 256
 * out size: 1
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void l1_bf16(bfloat16 *x, float *out) {
  float total = 0;
  int i = 0;
  while (i < 256) {
    float v = (float)x[i];
    total += v < 0 ? -v : v;
    i++;
  }
  *out = total;
}
