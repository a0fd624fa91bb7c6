// expect: different sizes; number of elements
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<16>(a);
  auto y = aie::load_v<32>(b);
  aie::store_v(c, x + y);  // <- here
}
