// expect: different element types
#include <aie_api/aie.hpp>
#define ADD(x, y) aie::add(x, y)

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<32>(a);
  auto y = aie::load_v<32>((int8_t *)b);
  aie::store_v(c, ADD(x, y));  // <- here
}
