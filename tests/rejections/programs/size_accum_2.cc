// expect: accum size too small
// interface: int32
#include <aie_api/aie.hpp>

void k(int32_t *a, int32_t *b, int32_t *c) {
  aie::accum<acc32, 2> acc;  // <- here
  c[0] = 0;
}
