/*
 * x size: 256
 * y size: 196
 * at least: 4
 * >>> laplace_f32([1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

#define AT(r, c) x[(r) * 16 + (c)]
void laplace_f32(float *x, float *y) {
  for (int i = 1; i < 15; i++)
    for (int j = 1; j < 15; j++)
      y[(i - 1) * 14 + (j - 1)] = 0.25f * (AT(i - 1, j) + AT(i + 1, j) + AT(i, j - 1) + AT(i, j + 1));
}
