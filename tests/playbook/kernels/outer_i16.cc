/*
 * Outer product.
 * a size: 16
 * b size: 32
 * out size: 512
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void outer_i16(int16_t *a, int16_t *b, int32_t *out) {
  for (int i = 0; i < 16; ++i)
    for (int j = 0; j < 32; ++j) out[i * 32 + j] = (int32_t)a[i] * b[j];
}
