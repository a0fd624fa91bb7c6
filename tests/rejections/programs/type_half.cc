// expect: float16
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  aie::vector<float16, 16> v = aie::load_v<16>(a);  // <- here
  aie::store_v(c, v);
}
