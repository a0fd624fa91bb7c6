/*
 * Horner over a table of constants.
 * N = 256
 * at least: 7
 * >>> poly_table_f32([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

static const float coefficients[5] = {0.5f, -0.25f, 0.125f, 1.0f, 2.0f};
void poly_table_f32(float *in, float *out) {
  for (int i = 0; i < 256; ++i) {
    float sum = 0;
    for (float c : coefficients) sum = sum * in[i] + c;
    out[i] = sum;
  }
}
