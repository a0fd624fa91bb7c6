/*
 * Bit count by builtin.
 * N = 256
 * at least: 4
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void popcount_u32(uint32_t *in, uint32_t *out) {
  for (int i = 0; i < 256; ++i) out[i] = __builtin_popcount(in[i]);
}
