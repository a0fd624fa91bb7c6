#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<32>(a);
  auto y = aie::load_v<32>(b);
  aie::mask<32> m = aie::lt(x, y) & ~(x == int16_t(0));
  aie::store_v(c, aie::select(x, y, m));
}
