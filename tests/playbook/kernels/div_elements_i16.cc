/*
 * Element by element division, zero where the divisor is.
 * N = 256
 * at least: 4
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void div_elements_i16(int16_t *a, int16_t *b, int16_t *out) {
  for (int i = 0; i < 256; ++i) out[i] = b[i] != 0 ? a[i] / b[i] : 0;
}
