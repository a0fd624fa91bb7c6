// expect: invalid operands
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  auto x = aie::load_v<16>(a), y = aie::load_v<16>(b);
  aie::store_v(c, x / y);  // <- here
}
