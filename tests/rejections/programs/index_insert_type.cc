// expect: insert
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::load_v<32>(a);
  v.insert(0, aie::load_v<16>((int8_t *)b));  // <- here
  aie::store_v(c, v);
}
