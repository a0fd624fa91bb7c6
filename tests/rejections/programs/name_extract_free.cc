// expect: extract; it is a member: v.extract<N>(i)
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::store_v(c, aie::extract<16>(aie::load_v<32>(a), 1));  // <- here
}
