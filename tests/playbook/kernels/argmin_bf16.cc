/*
 * Index of the least.
 * x size: 256
 * out size: 1
 * at least: 4
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void argmin_bf16(bfloat16 *x, int32_t *out) {
  int at = 0;
  float least = (float)x[0];
  for (int i = 1; i < 256; ++i) {
    const float v = (float)x[i];
    if (v < least) {
      least = v;
      at = i;
    }
  }
  *out = at;
}
