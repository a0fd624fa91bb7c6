// interface: int8
#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *b, int8_t *c) {
  aie::vector<int8_t, 16> small = aie::load_v<16>(a);
  aie::vector<int8_t, 128> large = aie::load_v<128>(b);
  aie::store_v(c, aie::abs(large));
  aie::store_v((uint8_t *)c, aie::abs(aie::load_v<16>((uint8_t *)a)));
  aie::store_v(c, small);
  aie::mask<32> m = aie::mask<32>::from_uint32(7);
  c[0] = m.count();
}
