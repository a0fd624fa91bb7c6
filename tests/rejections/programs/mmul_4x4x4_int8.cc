// expect: mmul<4, 4, 4; of int8_t x int8_t there are; 4x8x8
// interface: int8
#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *b, int8_t *c) {
  using MMUL = aie::mmul<4, 4, 4, int8_t, int8_t>;
  MMUL m;  // <- here
  c[0] = a[0];
}
