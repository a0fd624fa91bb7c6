// Product with an 8-bit literal, sums with another, without saturation.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void mul_int8_literal(int8_t *__restrict a, int8_t *__restrict out) {
  for (int i = 0; i < 256; i += 64) {
    aie::vector<int8, 64> v = aie::load_v<64>(a + i);
    auto r = aie::mul(v, (int8_t)3).to_vector<int8>(0);
    aie::store_v(out + i, aie::add(r, (int8_t)7));
  }
}
