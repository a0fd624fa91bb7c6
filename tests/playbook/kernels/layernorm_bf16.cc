/*
 * Mean and variance, then scale.
 * N = 128
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void layernorm_bf16(bfloat16 *x, bfloat16 *y) {
  float mean = 0, var = 0;
  for (int i = 0; i < 128; ++i) mean += (float)x[i];
  mean /= 128;
  for (int i = 0; i < 128; ++i) {
    float d = (float)x[i] - mean;
    var += d * d;
  }
  float inv = 1.0f / sqrtf(var / 128.0f + 1e-5f);
  for (int i = 0; i < 128; ++i) y[i] = (bfloat16)(((float)x[i] - mean) * inv);
}
