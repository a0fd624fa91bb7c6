/*
 * Accumulates in the result.
 * a size: 128
 * b size: 256
 * c size: 128
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void matmul_bf16_in_memory(bfloat16 *a, bfloat16 *b, float *c) {
  for (int i = 0; i < 8; i++) {
    for (int j = 0; j < 16; j++) {
      c[i * 16 + j] = 0.0f;
      for (int k = 0; k < 16; k++) c[i * 16 + j] += (float)a[i * 16 + k] * (float)b[k * 16 + j];
    }
  }
}
