// expect: integer accumulator
// interface: float32
#include <aie_api/aie.hpp>

void k(float *a, float *b, float *c) {
  aie::accum<acc32, 16> acc;
  acc.from_vector(aie::load_v<16>(a), 0);  // <- here
  c[0] = a[0];
}
