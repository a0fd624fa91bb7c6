/*
 * Interleaved complex numbers.
 * a size: 128
 * b size: 128
 * out size: 128
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void complex_multiply_f32(float *a, float *b, float *out) {
  for (int i = 0; i < 128; i += 2) {
    out[i] = a[i] * b[i] - a[i + 1] * b[i + 1];
    out[i + 1] = a[i] * b[i + 1] + a[i + 1] * b[i];
  }
}
