// expect: no matching function; load_v
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::load_v<int16_t, 32>(a);  // <- here
  aie::store_v(c, v);
}
