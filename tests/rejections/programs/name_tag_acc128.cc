// expect: acc128
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::accum<acc128, 32> acc;  // <- here
  aie::store_v(c, acc.to_vector<int16_t>());
}
