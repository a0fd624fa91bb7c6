// expect: mmul<16, 16, 16
// interface: int8
#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *b, int8_t *c) {
  aie::mmul<16, 16, 16, int8_t, int8_t> m;  // <- here
  c[0] = a[0];
}
