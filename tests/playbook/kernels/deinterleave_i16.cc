/*
 * Even and odd elements apart.
 * in size: 512
 * left size: 256
 * right size: 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void deinterleave_i16(int16_t *in, int16_t *left, int16_t *right) {
  for (int i = 0; i < 256; ++i) {
    left[i] = in[2 * i];
    right[i] = in[2 * i + 1];
  }
}
