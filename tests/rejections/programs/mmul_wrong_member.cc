// expect: multiply
// interface: int8
#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *b, int8_t *c) {
  aie::mmul<4, 8, 8, int8_t, int8_t> m;
  m.multiply(aie::load_v<32>(a), aie::load_v<64>(b));  // <- here
  c[0] = a[0];
}
