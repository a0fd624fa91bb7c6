// expect: bit_xor; floating point
// interface: float32
#include <aie_api/aie.hpp>

void k(float *a, float *b, float *c) {
  auto x = aie::load_v<16>(a);
  aie::store_v(c, x ^ x);  // <- here
}
