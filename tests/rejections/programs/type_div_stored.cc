// expect: not a vector; to_vector
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  auto q = aie::div(aie::load_v<16>(a), aie::load_v<16>(b));
  aie::store_v(c, q);  // <- here
}
