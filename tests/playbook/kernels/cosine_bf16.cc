/*
 * a size: 256
 * b size: 256
 * out size: 1
 * at least: 8
 * >>> cosine_bf16([1, 2], [1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void cosine_bf16(bfloat16 *a, bfloat16 *b, float *out) {
  float ab = 0, aa = 0, bb = 0;
  for (int i = 0; i < 256; ++i) {
    float x = (float)a[i], y = (float)b[i];
    ab += x * y; aa += x * x; bb += y * y;
  }
  *out = ab / (sqrtf(aa) * sqrtf(bb) + 1e-6f);
}
