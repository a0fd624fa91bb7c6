// expect: extract; out of range
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::load_v<32>(a);
  auto part = v.extract<16>(2);  // <- here
  aie::store_v(c, part);
}
