#include <aie_api/aie.hpp>

void k(int8_t *__restrict a, int8_t *__restrict b, int8_t *__restrict c) {
  aie::mmul<4, 8, 8, int8_t, int8_t> c00, c01, c10, c11;
  for (int i = 0; i < 16; i++) {
    auto a0 = aie::load_v<32>(a), a1 = aie::load_v<32>(a + 32);
    auto b0 = aie::load_v<64>(b), b1 = aie::load_v<64>(b + 64);
    c00.mac(a0, b0);
    c10.mac(a1, b0);
    c01.mac(a0, b1);
    c11.mac(a1, b1);
    a += 64, b += 128;
  }
  aie::store_v(c, c00.to_vector<int8_t>(6));
  aie::store_v(c + 32, c01.to_vector<int8_t>(6));
  aie::store_v(c + 64, c10.to_vector<int8_t>(6));
  aie::store_v(c + 96, c11.to_vector<int8_t>(6));
}
