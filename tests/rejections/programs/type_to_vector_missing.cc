// expect: to_vector
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<32>(a);
  auto v = aie::mul(x, x).to_vector();  // <- here
  aie::store_v(c, v);
}
