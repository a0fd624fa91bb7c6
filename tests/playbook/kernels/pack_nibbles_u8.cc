/*
 * x size: 512
 * y size: 256
 * at least: 8
 * >>> pack_nibbles_u8([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void pack_nibbles_u8(uint8_t *x, uint8_t *y) {
  for (int i = 0; i < 256; ++i) y[i] = (uint8_t)((x[2 * i] & 15) | (x[2 * i + 1] << 4));
}
