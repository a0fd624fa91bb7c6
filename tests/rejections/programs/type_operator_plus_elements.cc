// expect: different element types
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  auto x = aie::load_v<16>(a);
  auto y = aie::load_v<16>((int16_t *)b);
  aie::store_v(c, x + y);  // <- here
}
