// expect: neg; signed
// interface: uint8
#include <aie_api/aie.hpp>

void k(uint8_t *a, uint8_t *b, uint8_t *c) {
  aie::store_v(c, aie::neg(aie::load_v<32>(a)));  // <- here
}
