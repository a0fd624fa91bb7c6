// expect: no matching function; interleave_zip
#include <aie_api/aie.hpp>

void k(int16_t *a, int16_t *b, int16_t *c) {
  auto v = aie::interleave_zip(aie::load_v<16>(a), aie::load_v<32>(b), 1);  // <- here
  c[0] = 0;
}
