// expect: load_v; constant expression
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  for (int n = 16; n <= 32; n *= 2) {
    auto v = aie::load_v<n>(a);  // <- here
    aie::store_v(c, v);
  }
}
