#include <aie_api/aie.hpp>

void k(bfloat16 *__restrict a, bfloat16 *__restrict b, bfloat16 *__restrict c, int32_t n) {
  auto x = aie::load_v<16>(b);
  for (int r = 0; r < n; r += 128) {
    auto z = aie::zeros<accfloat, 16>();
#pragma clang loop unroll(disable)
    for (int i = 0; i < 128; i += 16) z = aie::mac(z, aie::load_v<16>(a + r + i), x);
    aie::store_v(c, z.to_vector<bfloat16>());
    c += 16;
  }
}
