// expect: power of two
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::zeros<int16_t, 20>();  // <- here
  c[0] = v[0];
}
