// expect: splat; broadcast
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto ones = aie::splat<int16_t, 32>(1);  // <- here
  aie::store_v(c, ones);
}
