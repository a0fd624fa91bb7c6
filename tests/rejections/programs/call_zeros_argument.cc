// expect: zeros
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::zeros<int16_t, 32>(0);  // <- here
  aie::store_v(c, v);
}
