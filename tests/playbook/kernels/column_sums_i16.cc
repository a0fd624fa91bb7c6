/*
 * A sum a column.
 * m size: 512
 * out size: 32
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void column_sums_i16(int16_t *m, int32_t *out) {
  for (int c = 0; c < 32; ++c) {
    int32_t s = 0;
    for (int r = 0; r < 16; ++r) s += m[r * 32 + c];
    out[c] = s;
  }
}
