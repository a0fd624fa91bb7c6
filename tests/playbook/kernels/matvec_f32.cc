/*
 * Rows times a vector.
 * m size: 512
 * v size: 32
 * out size: 16
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void matvec_f32(float *m, float *v, float *out) {
  for (int r = 0; r < 16; r++) {
    out[r] = 0;
    for (int c = 0; c < 32; c++) out[r] += m[r * 32 + c] * v[c];
  }
}
