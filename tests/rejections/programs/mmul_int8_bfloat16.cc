// expect: mmul<4, 8, 8
// interface: int8
#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *b, int8_t *c) {
  aie::mmul<4, 8, 8, int8_t, bfloat16> m;  // <- here
  c[0] = a[0];
}
