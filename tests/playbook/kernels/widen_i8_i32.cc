/*
 * Conversion upwards.
 * N = 512
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void widen_i8_i32(int8_t *in, int32_t *out) {
  for (int i = 0; i < 512; i++) out[i] = in[i];
}
