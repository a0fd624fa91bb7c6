// expect: saturating_add; floating point
// interface: float32
#include <aie_api/aie.hpp>

void k(float *a, float *b, float *c) {
  aie::store_v(c, aie::saturating_add(aie::load_v<16>(a), aie::load_v<16>(b)));  // <- here
}
