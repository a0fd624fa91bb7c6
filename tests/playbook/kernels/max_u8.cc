/*
 * Greatest by std::max.
 * x size: 512
 * out size: 1
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void max_u8(uint8_t *x, uint8_t *out) {
  uint8_t best = 0;
  for (int i = 0; i < 512; ++i) best = std::max(best, x[i]);
  *out = best;
}
