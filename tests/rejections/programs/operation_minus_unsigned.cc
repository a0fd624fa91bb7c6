// expect: neg; signed
// interface: uint16
#include <aie_api/aie.hpp>

void k(uint16_t *a, uint16_t *b, uint16_t *c) {
  auto x = aie::load_v<32>(a);
  aie::store_v(c, -x);  // <- here
}
