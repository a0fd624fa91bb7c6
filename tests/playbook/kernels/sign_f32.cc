/*
 * sign(x) as nested conditions.
 * N = 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void sign_f32(float *in, float *out) {
  for (int i = 0; i < 256; ++i) {
    float s;
    if (in[i] > 0) s = 1;
    else if (in[i] < 0) s = -1;
    else s = 0;
    out[i] = s;
  }
}
