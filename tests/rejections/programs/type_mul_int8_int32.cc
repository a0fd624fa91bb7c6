// expect: cannot be multiplied
// interface: int8
#include <aie_api/aie.hpp>

void k(int8_t *a, int8_t *b, int8_t *c) {
  auto v = aie::load_v<32>(a);
  aie::store_v(c, aie::mul(v, 3).to_vector<int8_t>());  // <- here
}
