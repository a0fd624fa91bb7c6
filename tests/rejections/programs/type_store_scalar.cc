// expect: no matching function; store_v
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::store_v(c, a[0]);  // <- here
}
