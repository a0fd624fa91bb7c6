// expect: unsupported element type
// interface: float32
#include <aie_api/aie.hpp>

void k(float *a, float *b, float *c) {
  auto x = aie::load_v<16>(a);
  auto v = aie::mul(x, x).to_vector<double>();  // <- here
  c[0] = a[0];
}
