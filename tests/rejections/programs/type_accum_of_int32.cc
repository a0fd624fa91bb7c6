// expect: the tag is acc32, acc64 or accfloat
// interface: int32
#include <aie_api/aie.hpp>

void k(int32_t *a, int32_t *b, int32_t *c) {
  aie::accum<int32_t, 16> acc;  // <- here
  c[0] = a[0];
}
