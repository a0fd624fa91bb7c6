/*
 * a size: 64
 * b size: 64
 * out size: 1
 * at least: 4
 * >>> bf16_dot([1, 2], [1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void bf16_dot(bfloat16 *a, bfloat16 *b, bfloat16 *out) {
  bfloat16 acc = 0;
  for (int i = 0; i < 64; ++i) acc += a[i] * b[i];
  *out = acc;
}
