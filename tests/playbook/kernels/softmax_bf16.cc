/*
 * Softmax with expf.
 * N = 64
 * at least: 6
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void softmax_bf16(bfloat16 *in, bfloat16 *out) {
  float peak = (float)in[0];
  for (int i = 1; i < 64; ++i) peak = fmaxf(peak, (float)in[i]);
  float e[64];
  float sum = 0.0f;
  for (int i = 0; i < 64; ++i) {
    e[i] = expf((float)in[i] - peak);
    sum += e[i];
  }
  for (int i = 0; i < 64; ++i) out[i] = (bfloat16)(e[i] / sum);
}
