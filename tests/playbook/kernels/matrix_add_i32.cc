/*
 * A nest that walks memory without a gap.
 * a size: 256
 * b size: 256
 * out size: 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void matrix_add_i32(int32_t *a, int32_t *b, int32_t *out) {
  for (int r = 0; r < 32; ++r)
    for (int c = 0; c < 8; ++c) out[r * 8 + c] = a[r * 8 + c] + b[r * 8 + c];
}
