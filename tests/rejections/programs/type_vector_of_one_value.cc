// expect: broadcast
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::vector<int16_t, 32> v(0);  // <- here
  aie::store_v(c, v);
}
