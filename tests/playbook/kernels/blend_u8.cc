/*
 * (a w + b (256 - w)) / 256 with a scalar.
 * >>> blend_u8([1, 2], [3, 4], 77)
 * a size: 512
 * b size: 512
 * out size: 512
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void blend_u8(uint8_t *a, uint8_t *b, uint8_t *out, uint8_t w) {
  int i = 0;
  do {
    const uint16_t left = a[i] * w;
    const uint16_t right = b[i] * (256 - w);
    out[i] = static_cast<uint8_t>((left + right) >> 8);
    ++i;
  } while (i < 512);
}
