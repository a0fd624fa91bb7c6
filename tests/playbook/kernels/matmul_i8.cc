/*
 * 16 x 16 matrices.
 * a size: 256
 * b size: 256
 * c size: 256
 * at least: 4
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void matmul_i8(int8_t *a, int8_t *b, int32_t *c) {
  for (int i = 0; i < 16; ++i)
    for (int j = 0; j < 16; ++j) {
      int32_t sum = 0;
      for (int k = 0; k < 16; ++k) sum += a[i * 16 + k] * b[k * 16 + j];
      c[i * 16 + j] = sum;
    }
}
