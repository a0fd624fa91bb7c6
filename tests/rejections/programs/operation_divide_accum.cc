// expect: invalid operands
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<32>(a);
  auto q = aie::mul(x, x) / x;  // <- here
  aie::store_v(c, q);
}
