// expect: sqrt; AIE2
// interface: float32
#include <aie_api/aie.hpp>

void k(float *a, float *b, float *c) {
  auto v = aie::load_v<16>(a);
  aie::sqrt(v);  // <- here
  aie::store_v(c, v);
}
