// expect: accum size must be a power of two
// interface: int32
#include <aie_api/aie.hpp>

void k(int32_t *a, int32_t *b, int32_t *c) {
  aie::accum<acc32, 3> acc;  // <- here
  aie::store_v(c, acc.to_vector<int32_t>());
}
