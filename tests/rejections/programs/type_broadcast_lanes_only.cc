// expect: no matching function; broadcast
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::broadcast<32>(int16_t(1));  // <- here
  aie::store_v(c, v);
}
