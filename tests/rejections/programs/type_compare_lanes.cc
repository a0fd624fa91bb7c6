// expect: different sizes; number of elements
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto m = aie::lt(aie::load_v<16>(a), aie::load_v<32>(b));  // <- here
  c[0] = m.count();
}
