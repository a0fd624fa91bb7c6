// expect: different element types
// interface: int8
#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *b, int8_t *c) {
  auto x = aie::load_v<32>(a);
  auto y = aie::load_v<32>((int16_t *)b);
  auto z = aie::add(x, y);  // <- here
  c[0] = z[0];
}
