#include <aie_api/aie.hpp>

void k(int8_t *__restrict a, int8_t *__restrict b, int8_t *__restrict c) {
  auto x = aie::load_v<32>(b);
  auto z0 = aie::zeros<acc32, 32>(), z1 = z0;
  for (int i = 0; i < 1024; i += 64) {
    z0 = aie::mac(z0, aie::load_v<32>(a + i), x);
    z1 = aie::mac(z1, aie::load_v<32>(a + i + 32), x);
  }
  aie::store_v(c, z0.to_vector<int8_t>(0));
  aie::store_v(c + 32, z1.to_vector<int8_t>(0));
}
