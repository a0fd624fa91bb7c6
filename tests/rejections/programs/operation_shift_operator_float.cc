// expect: downshift; floating point
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  auto x = aie::load_v<16>(a);
  aie::store_v(c, x >> 2);  // <- here
}
