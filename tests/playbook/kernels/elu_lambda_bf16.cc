/*
 * ELU with expf, as a lambda.
 * N = 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void elu_lambda_bf16(bfloat16 *in, bfloat16 *out) {
  auto elu = [](float x) { return x > 0.0f ? x : expf(x) - 1.0f; };
  for (int i = 0; i < 256; ++i) out[i] = (bfloat16)elu((float)in[i]);
}
