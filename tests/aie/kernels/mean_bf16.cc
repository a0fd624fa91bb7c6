// Mean through a float accumulator.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void mean_bf16(bfloat16 *__restrict in, float *__restrict out) {
  aie::accum<accfloat, 16> total = aie::zeros<accfloat, 16>();
  auto one = aie::broadcast<bfloat16, 16>((bfloat16)1.0f);
  for (int i = 0; i < 256; i += 16) total = aie::mac(total, aie::load_v<16>(in + i), one);
  out[0] = aie::reduce_add(total.to_vector<float>()) * (1.0f / 256);
}
