// Squares of 16-bit values, in 32 and 64 bits.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void squares_int16(int16_t *__restrict a, int32_t *__restrict one, int32_t *__restrict sum) {
  aie::accum<acc64, 16> total = aie::zeros<acc64, 16>();
  for (int i = 0; i < 128; i += 16) {
    auto v = aie::load_v<16>(a + i);
    aie::store_v(one + i, aie::mul_square(v).to_vector<int32>());
    total = aie::mac_square(total, v);
  }
  aie::store_v(sum, total.to_vector<int32>(4));
}
