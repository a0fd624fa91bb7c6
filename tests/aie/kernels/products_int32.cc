// 32-bit factors in 64-bit accumulators, shifted back.
#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void products_int32(int32_t *__restrict a, int32_t *__restrict b, int32_t *__restrict out, int16_t *__restrict narrow) {
  aie::set_saturation(aie::saturation_mode::saturate);
  for (int i = 0; i < 64; i += 16) {
    aie::vector<int32, 16> x = aie::load_v<16>(a + i), y = aie::load_v<16>(b + i);
    aie::accum<acc64, 16> acc = aie::mul(x, y);
    acc = aie::mac(acc, x, 77);
    aie::store_v(out + i, acc.to_vector<int32>(20));
    aie::store_v(narrow + i, acc.to_vector<int16>(32));
  }
}
