// expect: from_uint32; one word for each 32
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto m = aie::mask<64>::from_uint32(0xffu);  // <- here
  c[0] = m.count();
}
