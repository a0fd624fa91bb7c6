// expect: rsqrt; invsqrt
// interface: float32
#include <aie_api/aie.hpp>

void k(float *a, float *b, float *c) {
  aie::store_v(c, aie::rsqrt(aie::load_v<16>(a)));  // <- here
}
