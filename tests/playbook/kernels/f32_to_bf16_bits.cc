/*
 * x size: 256
 * y size: 256
 * at least: 8
 * >>> f32_to_bf16_bits([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void f32_to_bf16_bits(float *x, uint16_t *y) {
  for (int i = 0; i < 256; ++i) {
    uint32_t bits;
    memcpy(&bits, &x[i], 4);
    bits += 0x7fff + ((bits >> 16) & 1);
    y[i] = (uint16_t)(bits >> 16);
  }
}
