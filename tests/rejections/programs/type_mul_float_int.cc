// expect: floating point and an integer
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  auto acc = aie::mul(aie::load_v<16>(a), aie::load_v<16>((int16_t *)b));  // <- here
  aie::store_v(c, acc.to_vector<bfloat16>());
}
