// expect: same type and size
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::store_v(c, aie::reduce_add_v(aie::load_v<32>(a), aie::load_v<16>(b)));  // <- here
}
