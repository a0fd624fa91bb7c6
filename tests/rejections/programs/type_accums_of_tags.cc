// expect: 'acc32' vs. 'acc64'
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::accum<acc32, 16> x = aie::zeros<acc32, 16>();
  aie::accum<acc64, 16> y = aie::zeros<acc64, 16>();
  auto z = aie::add(x, y);  // <- here
  c[0] = 0;
}
