/*
 * Zeros around.
 * in size: 240
 * out size: 256
 * at least: 4
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void pad1d_i8(int8_t *in, int8_t *out) {
  for (int i = 0; i < 8; ++i) out[i] = 0;
  for (int i = 0; i < 240; ++i) out[8 + i] = in[i];
  for (int i = 248; i < 256; ++i) out[i] = 0;
}
