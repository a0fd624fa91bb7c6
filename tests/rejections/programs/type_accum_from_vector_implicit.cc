// expect: no viable conversion; from_vector
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::accum<acc32, 32> acc = aie::load_v<32>(a);  // <- here
  aie::store_v(c, acc.to_vector<int16_t>());
}
