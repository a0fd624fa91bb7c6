// expect: no member named 'srs'
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto acc = aie::mul(aie::load_v<32>(a), aie::load_v<32>(b));
  aie::store_v(c, acc.srs<int16_t>(4));  // <- here
}
