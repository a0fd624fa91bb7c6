// expect: extract; larger
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::load_v<16>(a);
  auto part = v.extract<32>(0);  // <- here
  aie::store_v(c, part);
}
