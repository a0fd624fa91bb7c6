/*
 * x size: 256
 * y size: 256
 * at least: 8
 * >>> clear_sign_bits([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void clear_sign_bits(bfloat16 *x, bfloat16 *y) {
  const uint16_t *p = reinterpret_cast<const uint16_t *>(x);
  uint16_t *q = reinterpret_cast<uint16_t *>(y);
  for (int i = 0; i < 256; i++) q[i] = p[i] & 0x7fff;
  // y[0] is where it begins
}
