#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict b, int16_t *__restrict c) {
  auto x = aie::load_v<32>(b);
  auto z0 = aie::zeros<acc32, 32>();
  auto z1 = aie::zeros<acc32, 32>();
  for (int i = 0; i < 1024; i += 64) {
    z0 = aie::mac(z0, aie::load_v<32>(a + i), x);
    z1 = aie::mac(z1, aie::load_v<32>(a + i + 32), x);
  }
  aie::store_v(c + 0, z0.to_vector<int16_t>(4));
  aie::store_v(c + 32, z1.to_vector<int16_t>(4));
}
