// 32-bit lanes times 16-bit and 8-bit lanes, in 64 bits.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void scale_int32_int16(int32_t *__restrict a, int16_t *__restrict b, int8_t *__restrict c, int32_t *__restrict out, int32_t *__restrict other) {
  for (int i = 0; i < 64; i += 32) {
    aie::vector<int32, 32> x = aie::load_v<32>(a + i);
    auto acc = aie::mul(x, aie::load_v<32>(b + i));
    acc = aie::mac(acc, aie::load_v<32>(c + i).unpack(), x);
    aie::store_v(out + i, acc.to_vector<int32>(16));
    auto less = aie::negmul(aie::load_v<32>(b + i), x);
    aie::store_v(other + i, aie::msc(less, x, aie::load_v<32>(b + i)).to_vector<int32>(18));
  }
}
