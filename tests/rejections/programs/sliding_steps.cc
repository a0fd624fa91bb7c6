// expect: DataStepY
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::load_v<32>(a);
  auto acc = aie::sliding_mul<16, 4, 1, 1, 2>(v, 0, v, 0);  // <- here
  aie::store_v(c, acc.to_vector<int16_t>());
}
