/*
 * x size: 64
 * w size: 4
 * y size: 131
 * at least: 1
 * >>> transposed_conv_i32([1, 2], [1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void transposed_conv_i32(int32_t *x, int32_t *w, int32_t *y) {
  for (int i = 0; i < 131; ++i) y[i] = 0;
  for (int i = 0; i < 64; ++i)
    for (int k = 0; k < 4; ++k) y[2 * i + k] += x[i] * w[k];
}
