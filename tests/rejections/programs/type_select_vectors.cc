// expect: different element types
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<32>(a);
  auto y = aie::load_v<32>((int8_t *)b);
  aie::store_v(c, aie::select(x, y, aie::lt(x, int16_t(0))));  // <- here
}
