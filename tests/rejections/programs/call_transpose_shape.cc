// expect: transpose; requires 3 arguments
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  aie::store_v(c, aie::transpose<4, 8>(aie::load_v<32>(a)));  // <- here
}
