/*
 * Exclusive or of all.
 * x size: 256
 * out size: 1
 * at least: 4
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void parity_u32(uint32_t *x, uint32_t *out) {
  uint32_t p = 0;
  for (int i = 0; i < 256; ++i) p ^= x[i];
  *out = p;
}
