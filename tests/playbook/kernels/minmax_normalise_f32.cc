/*
 * x size: 256
 * y size: 256
 * at least: 8
 * >>> minmax_normalise_f32([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void minmax_normalise_f32(float *x, float *y) {
  float lo = x[0], hi = x[0];
  for (int i = 1; i < 256; i++) {
    if (x[i] < lo) lo = x[i];
    if (x[i] > hi) hi = x[i];
  }
  float range = hi - lo;
  for (int i = 0; i < 256; i++) y[i] = (x[i] - lo) / (range + 1e-3f);
}
