/*
 * x size: 400
 * w size: 36
 * y size: 64
 * at least: 4
 * >>> conv_channels_i8([1, 2], [1, 2])
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void conv_channels_i8(int8_t *x, int8_t *w, int32_t *y) {
  const int C = 4, H = 10, W = 10, K = 3;
  for (int r = 0; r < H - K + 1; ++r)
    for (int c = 0; c < W - K + 1; ++c) {
      int32_t acc = 0;
      for (int ch = 0; ch < C; ++ch)
        for (int i = 0; i < K; ++i)
          for (int j = 0; j < K; ++j)
            acc += x[ch * H * W + (r + i) * W + c + j] * w[ch * K * K + i * K + j];
      y[r * 8 + c] = acc;
    }
}
