// expect: different sizes
// interface: bfloat16
#include <aie_api/aie.hpp>

void k(bfloat16 *a, bfloat16 *b, bfloat16 *c) {
  auto acc = aie::zeros<accfloat, 16>();
  acc = aie::mul(aie::load_v<32>(a), aie::load_v<32>(b));  // <- here
  aie::store_v(c, acc.to_vector<bfloat16>());
}
