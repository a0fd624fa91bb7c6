/*
 * x size: 256
 * y size: 256
 * at least: 8
 * >>> references_i16([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void references_i16(int16_t *x, int16_t *y) {
  for (int i = 0; i < 256; i++) {
    const auto &v = x[i];
    auto &o = y[i];
    o = v + 2;
  }
}
