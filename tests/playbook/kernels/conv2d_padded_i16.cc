/*
 * 3 x 3 with zero padding.
 * x size: 256
 * w size: 9
 * y size: 256
 * at least: 4
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void conv2d_padded_i16(int16_t *x, int16_t *w, int32_t *y) {
  for (int r = 0; r < 16; r++)
    for (int c = 0; c < 16; c++) {
      int32_t acc = 0;
      for (int i = -1; i <= 1; i++)
        for (int j = -1; j <= 1; j++) {
          const int rr = r + i, cc = c + j;
          if (rr < 0 || rr >= 16 || cc < 0 || cc >= 16) continue;
          acc += x[rr * 16 + cc] * w[(i + 1) * 3 + j + 1];
        }
      y[r * 16 + c] = acc;
    }
}
