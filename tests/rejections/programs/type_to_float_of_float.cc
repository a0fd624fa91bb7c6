// expect: to_float
// interface: float32
#include <aie_api/aie.hpp>

void k(float *a, float *b, float *c) {
  auto v = aie::to_float(aie::load_v<16>(a));  // <- here
  aie::store_v(c, v);
}
