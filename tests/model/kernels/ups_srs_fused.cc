#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict b, int16_t *__restrict c) {
  auto x = aie::load_v<16>(b);
  for (int i = 0; i < 1024; i += 16) {
    aie::accum<acc32, 16> z(aie::load_v<16>(a + i), 2);
    z = aie::mac(z, x, x);
    aie::store_v(c + i, z.to_vector<int16_t>(3));
  }
}
