// expect: to_vector; name the type of the result: to_vector<T>(shift)
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::mmul<4, 4, 4, int16_t> m;
  m.mul(aie::load_v<16>(a), aie::load_v<16>(b));
  aie::store_v(c, m.to_vector());  // <- here
}
