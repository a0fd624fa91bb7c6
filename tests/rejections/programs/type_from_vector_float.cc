// expect: accfloat
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::accum<accfloat, 16> acc;
  acc.from_vector(aie::load_v<16>(a), 0);  // <- here
  c[0] = a[0];
}
