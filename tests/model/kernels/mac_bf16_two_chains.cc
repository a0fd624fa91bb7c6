#include <aie_api/aie.hpp>

void k(bfloat16 *__restrict a, bfloat16 *__restrict b, bfloat16 *__restrict c) {
  auto x = aie::load_v<16>(b);
  auto z0 = aie::zeros<accfloat, 16>();
  auto z1 = aie::zeros<accfloat, 16>();
  for (int i = 0; i < 1024; i += 32) {
    z0 = aie::mac(z0, aie::load_v<16>(a + i), x);
    z1 = aie::mac(z1, aie::load_v<16>(a + i + 16), x);
  }
  aie::store_v(c + 0, z0.to_vector<bfloat16>());
  aie::store_v(c + 16, z1.to_vector<bfloat16>());
}
