// expect: no member named 'square'; mul_square
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  auto v = aie::load_v<16>(a);
  aie::store_v(c, aie::square(v));  // <- here
}
