// expect: mask<32>; bool
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<32>(a);
  auto m = aie::lt(x, int16_t(9)) && aie::gt(x, int16_t(0));  // <- here
  c[0] = m.count();
}
