#include <aie_api/aie.hpp>

void k(int16_t *__restrict a, int16_t *__restrict b, int32_t *__restrict c) {
  aie::mmul<4, 4, 4, int16_t, int16_t> m;
  for (int i = 0; i < 64; i++) m.mac(aie::load_v<16>(a + 16 * i), aie::load_v<16>(b + 16 * i));
  aie::store_v(c, m.to_vector<int32_t>(0));
}
