// Dot product with two independent chains.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void dot_bf16_chains(bfloat16 *__restrict a, bfloat16 *__restrict b, float *__restrict out) {
  aie::accum<accfloat, 16> even = aie::zeros<accfloat, 16>(), odd = aie::zeros<accfloat, 16>();
  AIE_PREPARE_FOR_PIPELINING
  AIE_LOOP_RANGE(8, 8)
  for (int i = 0; i < 256; i += 32) {
    even = aie::mac(even, aie::load_v<16>(a + i), aie::load_v<16>(b + i));
    odd = aie::mac(odd, aie::load_v<16>(a + i + 16), aie::load_v<16>(b + i + 16));
  }
  aie::accum<accfloat, 16> both = aie::add(even, odd);
  *out = aie::reduce_add(both.to_vector<float>());
}
