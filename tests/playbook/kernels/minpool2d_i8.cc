/*
 * 2 x 2 minimum, walking pointers.
 * x size: 1024
 * y size: 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void minpool2d_i8(int8_t *x, int8_t *y) {
  for (int r = 0; r < 32; r += 2) {
    const int8_t *top = x + r * 32;
    const int8_t *bottom = top + 32;
    for (int c = 0; c < 16; ++c) {
      int8_t a = std::min(top[0], top[1]);
      int8_t b = std::min(bottom[0], bottom[1]);
      *y++ = a < b ? a : b;
      top += 2;
      bottom += 2;
    }
  }
}
