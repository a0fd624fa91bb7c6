/*
 * a size: 256
 * b size: 256
 * m size: 256
 * out size: 256
 * at least: 8
 * >>> select_mask_bf16([1, 2], [1, 2], [1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void select_mask_bf16(bfloat16 *a, bfloat16 *b, uint8_t *m, bfloat16 *out) {
  for (int i = 0; i < 256; ++i) out[i] = m[i] ? a[i] : b[i];
}
