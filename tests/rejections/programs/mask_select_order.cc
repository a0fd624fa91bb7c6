// expect: no matching function; select
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<32>(a), y = aie::load_v<32>(b);
  aie::store_v(c, aie::select(aie::lt(x, y), x, y));  // <- here
}
