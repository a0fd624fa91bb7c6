/*
 * A helper returns a sum, another scales; names are the other way round.
 * x size: 256
 * y size: 256
 * at least: 8
 * >>> helper_sum_f32([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

static float total(const float *p, int count) {
  float s = 0.0f;
  for (int i = 0; i < count; ++i) s += p[i];
  return s;
}
template <typename T> static void scale(T *y, T *x, T by) {
  for (int i = 0; i < 256; ++i) x[i] = y[i] * by;
}
void helper_sum_f32(float *x, float *y) {
  float sum;
  sum = total(x, 256);
  scale(x, y, sum);
}
