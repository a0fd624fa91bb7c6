// expect: no member named 'any'; use !m.empty()
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto m = aie::lt(aie::load_v<32>(a), aie::load_v<32>(b));
  c[0] = m.any();  // <- here
}
