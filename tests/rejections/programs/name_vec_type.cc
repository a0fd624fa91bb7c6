// expect: vec; did you mean; vector
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::vec<int16_t, 32> v = aie::load_v<32>(a);  // <- here
  aie::store_v(c, v);
}
