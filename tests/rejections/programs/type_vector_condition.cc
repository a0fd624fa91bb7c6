// expect: mask<32>; bool
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto x = aie::load_v<32>(a);
  if (x > int16_t(0)) c[0] = 1;  // <- here
}
