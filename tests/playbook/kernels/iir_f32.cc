/*
 * y = 0.9 y + 0.1 x.
 * N = 256
 * at least: 1
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void iir_f32(float *x, float *y) {
  float state = 0.0f;
  for (int i = 0; i < 256; ++i) {
    state = 0.9f * state + 0.1f * x[i];
    y[i] = state;
  }
}
