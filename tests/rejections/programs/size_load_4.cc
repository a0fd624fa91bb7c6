// expect: at least 128 bits
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::load_v<4>(a);  // <- here
  c[0] = v[0];
}
