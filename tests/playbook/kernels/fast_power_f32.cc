/*
 * x size: 256
 * y size: 256
 * at least: 7
 * >>> fast_power_f32([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

static float power(float b, int e) {
  float r = 1;
  while (e > 0) {
    if (e & 1) r *= b;
    b *= b;
    e >>= 1;
  }
  return r;
}
void fast_power_f32(float *x, float *y) {
  for (int i = 0; i < 256; i++) y[i] = power(x[i], 5);
}
