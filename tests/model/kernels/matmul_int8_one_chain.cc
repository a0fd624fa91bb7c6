#include <aie_api/aie.hpp>

void k(int8_t *__restrict a, int8_t *__restrict b, int8_t *__restrict c) {
  aie::mmul<4, 8, 8, int8_t, int8_t> m;
  for (int i = 0; i < 16; i++) m.mac(aie::load_v<32>(a + 32 * i), aie::load_v<64>(b + 64 * i));
  aie::store_v(c, m.to_vector<int8_t>(0));
}
