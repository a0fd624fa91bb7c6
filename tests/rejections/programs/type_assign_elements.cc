// expect: different element types
// interface: int8
#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *b, int8_t *c) {
  auto x = aie::load_v<32>(a);
  aie::vector<int16_t, 32> y = x;  // <- here
  c[0] = x[0];
}
