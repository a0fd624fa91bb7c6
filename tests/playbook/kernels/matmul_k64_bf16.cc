/*
 * a size: 512
 * b size: 1024
 * c size: 128
 * at least: 8
 * >>> matmul_k64_bf16([1, 2], [1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void matmul_k64_bf16(bfloat16 *a, bfloat16 *b, float *c) {
  for (int i = 0; i < 8; ++i)
    for (int j = 0; j < 16; ++j) {
      float s = 0;
      for (int k = 0; k < 64; ++k) s += (float)a[i * 64 + k] * (float)b[k * 16 + j];
      c[i * 16 + j] = s;
    }
}
