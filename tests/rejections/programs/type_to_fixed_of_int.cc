// expect: to_fixed
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::to_fixed<int16_t>(aie::load_v<16>(a), 0);  // <- here
  aie::store_v(c, v);
}
