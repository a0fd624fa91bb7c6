// expect: mask<32>; bool
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  if (aie::eq(aie::load_v<32>(a), aie::load_v<32>(b)))  // <- here
    c[0] = 1;
}
