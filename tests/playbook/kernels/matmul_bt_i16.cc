/*
 * a size: 256
 * b size: 256
 * c size: 256
 * at least: 3
 * >>> matmul_bt_i16([1, 2], [1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void matmul_bt_i16(int16_t *a, int16_t *b, int32_t *c) {
  for (int i = 0; i < 16; ++i)
    for (int j = 0; j < 16; ++j) {
      int32_t s = 0;
      for (int k = 0; k < 16; ++k) s += (int32_t)a[i * 16 + k] * (int32_t)b[j * 16 + k];
      c[i * 16 + j] = s;
    }
}
