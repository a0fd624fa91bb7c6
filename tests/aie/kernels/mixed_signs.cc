// Products of signed with unsigned, and of 8 with 16 bits.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void mixed_signs(int8_t *__restrict a, uint8_t *__restrict b, int16_t *__restrict c, int32_t *__restrict one, int32_t *__restrict two) {
  for (int i = 0; i < 64; i += 32) {
    auto x = aie::load_v<32>(a + i);
    auto y = aie::load_v<32>(b + i);
    auto z = aie::load_v<32>(c + i);
    aie::store_v(one + i, aie::mul(x, y).to_vector<int32>());
    aie::accum<acc32, 32> acc = aie::mul(z, x);
    acc = aie::mac(acc, z, y);
    aie::store_v(two + i, acc.to_vector<int32>());
  }
}
