/*
 * 16 x 16.
 * in size: 256
 * out size: 256
 * at least: 2
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void transpose_i16(int16_t *in, int16_t *out) {
  for (int r = 0; r < 16; r++)
    for (int c = 0; c < 16; c++) out[c * 16 + r] = in[r * 16 + c];
}
