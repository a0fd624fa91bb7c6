// expect: k(int16_t*, int16_t*, int16_t*)
#include <aie_api/aie.hpp>

void k(aie::vector<int16_t, 32> a, aie::vector<int16_t, 32> b, int16_t *c) {  // <- here
  aie::store_v(c, aie::add(a, b));
}
