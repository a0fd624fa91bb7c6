// expect: acc64
// interface: int8
#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *b, int8_t *c) {
  aie::accum<acc64, 16> acc;
  acc.from_vector(aie::load_v<16>(a), 0);  // <- here
  c[0] = a[0];
}
