/*
 * x size: 256
 * y size: 256
 * at least: 8
 * >>> pun_16_bits([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

static float widen(bfloat16 v) {
  uint16_t b = *(uint16_t *)&v;
  uint32_t u = (uint32_t)b << 16;
  return *(float *)&u;
}
void pun_16_bits(bfloat16 *x, float *y) {
  for (int i = 0; i < 256; i++) y[i] = widen(x[i]);
}
