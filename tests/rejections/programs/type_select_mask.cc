// expect: mask; different sizes
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<32>(a);
  auto y = aie::load_v<32>(b);
  auto m = aie::lt(aie::load_v<16>(a), int16_t(0));
  aie::store_v(c, aie::select(x, y, m));  // <- here
}
