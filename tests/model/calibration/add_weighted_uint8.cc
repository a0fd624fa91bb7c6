#include <aie_api/aie.hpp>
#include "aie_kernel_utils.h"

void k(uint8_t *__restrict a, uint8_t *__restrict b, uint8_t *__restrict c, int16_t alpha, int16_t beta) {
  aie::set_saturation(aie::saturation_mode::saturate);
  const auto x = aie::broadcast<int16, 32>(alpha), y = aie::broadcast<int16, 32>(beta);
  const aie::accum<acc32, 32> gamma(aie::broadcast<int16, 32>(5), 7);
  AIE_LOOP_NO_UNROLL
  for (int i = 0; i < 1920; i += 32) {
    auto sum = aie::mac(gamma, aie::load_v<32>(a + i), x);
    sum = aie::mac(sum, aie::load_v<32>(b + i), y);
    aie::store_v(c + i, sum.to_vector<uint8>(14));
  }
}
