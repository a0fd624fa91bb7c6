// expect: insert: part index out of range
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::vector<int16_t, 32> v;
  v.insert(0, aie::load_v<16>(a));
  v.insert(2, aie::load_v<16>(b));  // <- here
  aie::store_v(c, v);
}
