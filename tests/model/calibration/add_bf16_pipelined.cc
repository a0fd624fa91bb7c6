#include <aie_api/aie.hpp>

void k(bfloat16 *__restrict a, bfloat16 *__restrict b, bfloat16 *__restrict c) {
  const auto one = aie::broadcast<bfloat16, 16>(1.0f);
  for (int i = 0; i < 1024; i += 16) {
    aie::accum<accfloat, 16> sum(aie::load_v<16>(a + i));
    aie::store_v(c + i, aie::mac(sum, aie::load_v<16>(b + i), one).to_vector<bfloat16>());
  }
}
