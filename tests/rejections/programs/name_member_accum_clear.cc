// expect: no member named 'clear'
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::accum<acc32, 32> acc;
  acc.clear();  // <- here
  aie::store_v(c, acc.to_vector<int16_t>());
}
