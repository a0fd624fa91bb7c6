/*
 * x size: 256
 * h size: 16
 * >>> histogram_u8([1])
 * at least: 1
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void histogram_u8(uint8_t *x, int32_t *h) {
  for (int i = 0; i < 16; ++i) h[i] = 0;
  for (int i = 0; i < 256; ++i) h[x[i] >> 4]++;
}
