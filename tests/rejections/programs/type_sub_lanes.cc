// expect: different sizes; number of elements
// interface: float32
#include <aie_api/aie.hpp>

void k(float *a, float *b, float *c) {
  auto z = aie::sub(aie::load_v<8>(a), aie::load_v<16>(b));  // <- here
  c[0] = z[0];
}
