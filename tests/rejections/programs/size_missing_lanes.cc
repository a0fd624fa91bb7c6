// expect: different sizes; 32
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::vector<int16_t> v = aie::load_v<16>(a);  // <- here
  aie::store_v(c, v);
}
