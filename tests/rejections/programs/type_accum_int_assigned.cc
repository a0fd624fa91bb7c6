// expect: not a vector; to_vector
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::vector<int16_t, 16> v = aie::load_v<16>(a);
  v = aie::mul(v, aie::load_v<16>(b));  // <- here
  aie::store_v(c, v);
}
