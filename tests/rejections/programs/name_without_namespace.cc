// expect: load_v; did you mean; aie::load_v
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = load_v<32>(a);  // <- here
  aie::store_v(c, v);
}
