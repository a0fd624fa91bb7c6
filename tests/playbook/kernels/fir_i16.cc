/*
 * FIR with 5 taps, valid part.
 * x size: 260
 * h size: 5
 * y size: 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void fir_i16(int16_t *x, int16_t *h, int32_t *y) {
  for (int n = 0; n < 256; ++n) {
    int32_t acc = 0;
    for (int k = 0; k < 5; ++k) acc += x[n + k] * h[k];
    y[n] = acc;
  }
}
