// expect: mac
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::mmul<4, 8, 8, int8_t, int8_t> m;
  m.mac(aie::load_v<32>(a), aie::load_v<64>((int8_t *)b));  // <- here
  c[0] = 0;
}
