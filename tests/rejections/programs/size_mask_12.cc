// expect: mask size must be a power of two
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto m = aie::mask<12>::from_uint32(7);  // <- here
  c[0] = m.count();
}
