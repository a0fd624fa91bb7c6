// expect: div; floating point
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto q = aie::div(aie::load_v<16>(a), aie::load_v<16>(b));  // <- here
  aie::store_v(c, q.to_vector<int16_t>());
}
