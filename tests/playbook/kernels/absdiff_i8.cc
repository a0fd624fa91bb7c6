/*
 * |a - b| saturated, std::abs and std::min.
 * N = 512
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void absdiff_i8(int8_t *a, int8_t *b, int8_t *out) {
  for (int i = 0; i < 512; ++i) out[i] = std::min(std::abs(int(a[i]) - int(b[i])), 127);
}
