// expect: no matching function; reverse; to_vector
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto acc = aie::mul(aie::load_v<32>(a), aie::load_v<32>(b));
  auto r = aie::reverse(acc);  // <- here
  aie::store_v(c, r.to_vector<int16_t>());
}
