// expect: select; different sizes
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto m = aie::lt(aie::load_v<32>(a), aie::load_v<32>(b));
  aie::store_v(c, aie::select(aie::load_v<16>(a), aie::load_v<16>(b), m));  // <- here
}
