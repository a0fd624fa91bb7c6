// expect: different element types
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<16>(a);
  auto y = aie::load_v<16>((uint16_t *)b);
  aie::store_v(c, aie::max(x, y));  // <- here
}
