/*
 * x size: 256
 * y size: 256
 * at least: 8
 * >>> swap_pairs_i32([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void swap_pairs_i32(int32_t *x, int32_t *y) {
  for (int i = 0; i < 128; i++) {
    int32_t a = x[2 * i], b = x[2 * i + 1];
    y[2 * i] = b;
    y[2 * i + 1] = a;
  }
}
