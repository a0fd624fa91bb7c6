// Negated products, vector by vector and vector by scalar.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void negmul_int8(int8_t *__restrict a, int8_t *__restrict b, int16_t *__restrict out, int32_t *__restrict twice) {
  for (int i = 0; i < 128; i += 32) {
    auto x = aie::load_v<32>(a + i), y = aie::load_v<32>(b + i);
    aie::store_v(out + i, aie::negmul(x, y).to_vector<int16>());
    aie::accum<acc32, 32> acc = aie::negmul(x, (int8_t)-5);
    acc = aie::mac(acc, y, (int8_t)9);
    acc = aie::msc(acc, (int8_t)2, x);
    aie::store_v(twice + i, acc.to_vector<int32>());
  }
}
