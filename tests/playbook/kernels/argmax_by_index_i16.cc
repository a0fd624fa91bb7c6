/*
 * Index of the last greatest, by comparing elements.
 * x size: 256
 * out size: 1
 * at least: 2
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void argmax_by_index_i16(int16_t *x, uint32_t *out) {
  uint32_t best = 0;
  for (uint32_t i = 0; i < 256; ++i)
    if (x[i] >= x[best]) best = i;
  *out = best;
}
