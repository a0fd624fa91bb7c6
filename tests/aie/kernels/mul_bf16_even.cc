// The same under round-to-nearest-even, set by the kernel.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void mul_bf16_even(bfloat16 *__restrict a, bfloat16 *__restrict b, bfloat16 *__restrict out) {
  ::aie::set_rounding(aie::rounding_mode::conv_even);
  for (int i = 0; i < 256; i += 32) {
    auto z = aie::mul(aie::load_v<32>(a + i), aie::load_v<32>(b + i));
    aie::store_v(out + i, z.to_vector<bfloat16>());
  }
}
