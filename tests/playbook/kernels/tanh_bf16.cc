/*
 * std::tanh.
 * N = 256
 * at least: 8
 */
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void tanh_bf16(bfloat16 *in, bfloat16 *out) {
  for (int i = 0; i < 256; ++i) out[i] = (bfloat16)std::tanh((float)in[i]);
}
