// expect: at least 128 bits
// interface: float32
#include <aie_api/aie.hpp>

void k(float *a, float *b, float *c) {
  auto v = aie::broadcast<float, 2>(1.0f);  // <- here
  c[0] = v[0];
}
