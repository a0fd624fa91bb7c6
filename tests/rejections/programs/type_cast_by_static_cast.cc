// expect: different element types
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<32>(a);
  auto f = static_cast<aie::vector<float, 32>>(x);  // <- here
  c[0] = (int16_t)f[0];
}
