// Products of bfloat16, rounded under the mode of the wrapper.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void mul_bf16(bfloat16 *__restrict a, bfloat16 *__restrict b, bfloat16 *__restrict out) {
  for (unsigned i = 0; i < 16; i++) {
    aie::vector<bfloat16, 16> x = aie::load_v<16>(a), y = aie::load_v<16>(b);
    aie::accum<accfloat, 16> z = aie::mul(x, y);
    aie::store_v(out, z.to_vector<bfloat16>());
    a += 16, b += 16, out += 16;
  }
}
