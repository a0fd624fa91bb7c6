// expect: no member named 'next'
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto it = aie::begin_vector<32>(a);
  aie::store_v(c, it.next());  // <- here
}
