#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<32>(a);
  auto y = aie::bit_xor(aie::bit_and(x, int16_t(0xff)), aie::load_v<32>(b));
  y = aie::upshift(y, 2) | aie::downshift(x, 1);
  y = aie::bit_or(y, -x) ^ (x >> 3);
  aie::store_v(c, aie::neg(aie::bit_not(y)));
}
