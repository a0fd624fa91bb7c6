// expect: accfloat is made from
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto acc = aie::mul(aie::load_v<16>(a), aie::load_v<16>(b));
  acc = aie::add(acc, aie::to_float(aie::load_v<16>(a)));  // <- here
  aie::store_v(c, acc.to_vector<int16_t>());
}
