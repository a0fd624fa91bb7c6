// expect: to_fixed
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  aie::mmul<4, 8, 4, bfloat16> m;
  m.mul(aie::load_v<32>(a), aie::load_v<32>(b));
  aie::store_v((int16_t *)c, m.to_vector<int16_t>());  // <- here
}
