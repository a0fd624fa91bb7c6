// expect: use aie::to_float
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::load_v<16>(a);
  auto f = v.to_float();  // <- here
  c[0] = (int16_t)f[0];
}
