/*
 * x size: 256
 * out size: 1
 * at least: 4
 * >>> any_above_i16([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void any_above_i16(int16_t *x, uint8_t *out) {
  bool found = false;
  for (int i = 0; i < 256; ++i) found = found || x[i] > 30000;
  *out = found;
}
