// expect: accum; Vector
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  auto x = aie::load_v<16>(a);
  auto m = aie::lt(aie::mul(x, x), x);  // <- here
  c[0] = a[0];
}
