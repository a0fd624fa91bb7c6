// expect: store; did you mean; store_v
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::load_v<32>(a);
  aie::store(c, v);  // <- here
}
