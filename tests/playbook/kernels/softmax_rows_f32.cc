/*
 * x size: 256
 * y size: 256
 * at least: 6
 * >>> softmax_rows_f32([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void softmax_rows_f32(float *x, float *y) {
  for (int r = 0; r < 8; ++r) {
    float *in = x + 32 * r, *out = y + 32 * r;
    float m = -1e30f, s = 0;
    for (int i = 0; i < 32; ++i) if (in[i] > m) m = in[i];
    for (int i = 0; i < 32; ++i) { out[i] = expf(in[i] - m); s += out[i]; }
    float inv = 1.0f / s;
    for (int i = 0; i < 32; ++i) out[i] *= inv;
  }
}
