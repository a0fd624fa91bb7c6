/*
 * Values of the counter itself.
 * >>> ramp_i32([1, 2], 3)
 * in size: 256
 * out size: 256
 * at least: 4
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void ramp_i32(int32_t *in, int32_t *out, int32_t slope) {
  for (int i = 0; i < 256; ++i) out[i] = in[i] + slope * i;
}
