/*
 * x size: 768
 * y size: 256
 * at least: 3
 * >>> rgb_to_gray_u8([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void rgb_to_gray_u8(uint8_t *x, uint8_t *y) {
  for (int i = 0; i < 256; ++i) {
    const uint8_t *px = x + 3 * i;
    y[i] = (uint8_t)((77 * px[0] + 150 * px[1] + 29 * px[2]) >> 8);
  }
}
