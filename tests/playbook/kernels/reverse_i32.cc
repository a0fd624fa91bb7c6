/*
 * Back to front.
 * N = 256
 * at least: 4
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void reverse_i32(int32_t *in, int32_t *out) {
  for (int i = 0; i < 256; ++i) out[255 - i] = in[i];
}
