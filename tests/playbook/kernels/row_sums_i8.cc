/*
 * A sum a row.
 * m size: 1024
 * out size: 32
 * at least: 4
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void row_sums_i8(int8_t *m, int32_t *out) {
  for (int r = 0; r < 32; ++r) {
    const int8_t *row = m + r * 32;
    int32_t s = 0;
    for (int c = 0; c < 32; ++c) s += row[c];
    out[r] = s;
  }
}
