// expect: sqrt; floating point
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::store_v(c, aie::sqrt(aie::load_v<32>(a)));  // <- here
}
