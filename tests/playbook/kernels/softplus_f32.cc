/*
 * log(1 + exp(x)) by library functions.
 * N = 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void softplus_f32(float *in, float *out) {
  for (int i = 0; i < 256; ++i) {
    const float x = in[i];
    out[i] = fmaxf(x, 0.0f) + log1pf(expf(-fabsf(x)));
  }
}
