// expect: cannot increment; single elements none
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::load_v<32>(a);
  v[3]++;  // <- here
  aie::store_v(c, v);
}
