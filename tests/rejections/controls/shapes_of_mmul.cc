// interface: int8
#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *b, int8_t *c) {
  aie::mmul<4, 8, 8, int8_t, int8_t> m;
  m.mul(aie::load_v<32>(a), aie::load_v<64>(b));
  m.mac(aie::load_v<32>(a + 32), aie::load_v<64>(b));
  aie::store_v(c, m.to_vector<int8_t>(4));
}
