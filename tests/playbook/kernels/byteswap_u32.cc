/*
 * x size: 256
 * y size: 256
 * at least: 4
 * >>> byteswap_u32([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void byteswap_u32(uint32_t *x, uint32_t *y) {
  for (int i = 0; i < 256; ++i) {
    uint32_t v = x[i];
    y[i] = (v >> 24) | ((v >> 8) & 0xff00u) | ((v << 8) & 0xff0000u) | (v << 24);
  }
}
