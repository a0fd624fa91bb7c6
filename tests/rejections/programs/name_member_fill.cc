// expect: no member named 'fill'
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::vector<int16_t, 32> v;
  v.fill(int16_t(1));  // <- here
  aie::store_v(c, v);
}
