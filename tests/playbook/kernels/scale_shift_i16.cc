/*
 * y = saturate16((3 x + 40) >> 2), pointers walking.
 * x size: 512
 * y size: 512
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void scale_shift_i16(int16_t *x, int16_t *y) {
  const int16_t *end = x + 512;
  while (x != end) {
    int v = (*x++ * 3 + 40) >> 2;
    if (v > INT16_MAX) v = INT16_MAX;
    else if (v < INT16_MIN) v = INT16_MIN;
    *y++ = (int16_t)v;
  }
}
