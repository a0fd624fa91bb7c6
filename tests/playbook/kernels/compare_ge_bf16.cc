/*
 * Masks as bytes.
 * N = 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void compare_ge_bf16(bfloat16 *a, bfloat16 *b, uint8_t *out) {
  for (int i = 0; i < 256; ++i) out[i] = (float)a[i] >= (float)b[i] ? 255 : 0;
}
