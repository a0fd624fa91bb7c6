// expect: mac; requires 2 arguments
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::mmul<4, 4, 4, int16_t> m;
  m.mac(aie::load_v<16>(a));  // <- here
  c[0] = 0;
}
