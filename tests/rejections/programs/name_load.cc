// expect: load; did you mean; load_v
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::load<32>(a);  // <- here
  aie::store_v(c, v);
}
