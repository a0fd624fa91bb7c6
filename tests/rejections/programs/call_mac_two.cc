// expect: no matching function; mac
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<32>(a);
  auto acc = aie::mac(x, x);  // <- here
  c[0] = 0;
}
