// expect: set1; broadcast
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto ones = aie::set1<int16_t, 32>(1);  // <- here
  aie::store_v(c, aie::add(aie::load_v<32>(a), ones));
}
